package io.foresplit.bench.measure;

import io.foresplit.bench.measure.Run.Span;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Sets of moments as sorted spans without overlap. Pure. */
final class Spans {
  private Spans() {}

  /** All moments between two that are in at least one of the spans. */
  static List<Span> union(List<Span> spans, double from, double to) {
    List<Span> union = new ArrayList<>();
    for (Span span : spans.stream().sorted(Comparator.comparingDouble(Span::from)).toList()) {
      double begin = Math.max(span.from(), from);
      double end = Math.min(span.to(), to);
      if (!(begin < end)) {
        continue;
      }
      Span last = union.isEmpty() ? null : union.get(union.size() - 1);
      if (last == null || begin > last.to()) {
        union.add(new Span(begin, end));
      } else if (end > last.to()) {
        union.set(union.size() - 1, new Span(last.from(), end));
      }
    }
    return union;
  }

  /** What is in the first and not in the second; both are unions. */
  static List<Span> minus(List<Span> spans, List<Span> taken) {
    List<Span> rest = new ArrayList<>();
    for (Span span : spans) {
      double begin = span.from();
      for (Span hole : taken) {
        if (hole.to() <= begin || hole.from() >= span.to()) {
          continue;
        }
        if (hole.from() > begin) {
          rest.add(new Span(begin, hole.from()));
        }
        begin = hole.to();
      }
      if (begin < span.to()) {
        rest.add(new Span(begin, span.to()));
      }
    }
    return rest;
  }

  static double seconds(List<Span> union) {
    return union.stream().mapToDouble(Span::seconds).sum();
  }
}
