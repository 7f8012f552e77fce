package io.foresplit.runtime.link;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.contract.jobfile.LinkDisturbance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** What the links of a job file follow. */
public final class LinkTraces {
  /** The usual variation of a healthy link, instead of a file. */
  public static final String GENERATED = "generated";

  /** A link that fades, with delay, jitter and loss that rise then, instead of a file. */
  public static final String FADING = "fading";

  private static final LinkDisturbance NONE = new LinkDisturbance(0, 0);

  private LinkTraces() {}

  /**
   * A trace for each link that the file gives one, or jitter, or loss: {@value #GENERATED}, {@value
   * #FADING}, a file whose name ends in {@code .csv} (see {@link RecordedTrace#fromCsv}), or any
   * other file as one of mahimahi (see {@link RecordedTrace#fromMahimahi}).
   *
   * @param folder that names of files start from
   * @param seed of generated traces
   * @throws IOException when a file cannot be read; the message says which
   * @throws IllegalArgumentException when a file is no such trace, with file, line and reason
   */
  public static Map<ComponentId, RateTrace> of(JobFile file, Path folder, long seed)
      throws IOException {
    Map<ComponentId, RateTrace> traces = new TreeMap<>();
    for (LinkSpec link : file.job().links()) {
      String name = file.traces().get(link.id());
      LinkDisturbance disturbance = file.disturbances().getOrDefault(link.id(), NONE);
      if (name != null && name.equals(FADING)) {
        traces.put(link.id(), GeneratedLink.fading(link, disturbance, seed));
      } else if (name != null || !disturbance.equals(NONE)) {
        RateTrace rate = rate(link, name == null ? "" : name, folder, seed);
        traces.put(
            link.id(), disturbance.equals(NONE) ? rate : new DisturbedTrace(rate, disturbance));
      }
    }
    return Collections.unmodifiableMap(traces);
  }

  private static RateTrace rate(LinkSpec link, String name, Path folder, long seed)
      throws IOException {
    if (name.isEmpty()) {
      return RateTrace.constant(link.bytesPerSecond());
    }
    if (name.equals(GENERATED)) {
      return new GeneratedTrace(GeneratedTrace.seedOf(link.id(), seed), link.bytesPerSecond());
    }
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new IOException(
          "trace of link "
              + link.id()
              + ": expected '"
              + GENERATED
              + "', '"
              + FADING
              + "' or a readable file, was "
              + file);
    }
    return name.toLowerCase(Locale.ROOT).endsWith(".csv")
        ? RecordedTrace.fromCsv(file)
        : RecordedTrace.fromMahimahi(file);
  }
}
