package io.foresplit.contract.wire;

import com.google.protobuf.ByteString;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.ForecastPace;
import io.foresplit.contract.IntervalTick;
import io.foresplit.contract.JobId;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.MetricSample;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.Rejection;
import io.foresplit.contract.SegmentMetrics;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Reports, the job's log, and rejections. */
final class TelemetryWire {
  private TelemetryWire() {}

  static io.foresplit.contract.wire.proto.SegmentReport toProto(SegmentReport report) {
    return io.foresplit.contract.wire.proto.SegmentReport.newBuilder()
        .setJob(report.job().value())
        .setNode(report.node().value())
        .setFirstLayer(report.firstLayer())
        .setLastLayer(report.lastLayer())
        .setEpoch(report.epoch())
        .setInterval(report.interval())
        .setSequence(report.sequence())
        .setReportedAtMillis(report.reportedAt().toEpochMilli())
        .setSteps(report.steps())
        .addAllSamples(toProto(report.samples()))
        .build();
  }

  static SegmentReport fromProto(io.foresplit.contract.wire.proto.SegmentReport p) {
    return new SegmentReport(
        new JobId(p.getJob()),
        new NodeId(p.getNode()),
        p.getFirstLayer(),
        p.getLastLayer(),
        Enums.counter("epoch", p.getEpoch()),
        Enums.counter("interval", p.getInterval()),
        Enums.counter("sequence", p.getSequence()),
        Enums.instant("reported_at_millis", p.getReportedAtMillis()),
        Enums.counter("steps", p.getSteps()),
        fromProto(p.getSamplesList()));
  }

  private static List<io.foresplit.contract.wire.proto.MetricSample> toProto(
      Collection<MetricSample> samples) {
    return samples.stream()
        .map(
            s ->
                io.foresplit.contract.wire.proto.MetricSample.newBuilder()
                    .setComponent(s.component().value())
                    .setMetric(Enums.toProto(s.metric()))
                    .setValue(s.value())
                    .build())
        .toList();
  }

  private static List<MetricSample> fromProto(
      Collection<io.foresplit.contract.wire.proto.MetricSample> samples) {
    return samples.stream()
        .map(
            s ->
                new MetricSample(
                    new ComponentId(s.getComponent()),
                    Enums.fromProto(s.getMetric()),
                    s.getValue()))
        .toList();
  }

  static io.foresplit.contract.wire.proto.JobRecord toProto(JobRecord value) {
    var p = io.foresplit.contract.wire.proto.JobRecord.newBuilder();
    if (value instanceof SegmentMetrics metrics) {
      p.getMetricsBuilder()
          .setJob(metrics.jobId().value())
          .setNode(metrics.node().value())
          .setEpoch(metrics.epoch())
          .setInterval(metrics.interval())
          .setSteps(metrics.steps())
          .addAllSamples(toProto(metrics.samples()));
    } else if (value instanceof IntervalTick tick) {
      p.getTickBuilder()
          .setJob(tick.jobId().value())
          .setInterval(tick.interval())
          .setEpoch(tick.epoch())
          .setEndMillis(tick.end().toEpochMilli())
          .setLengthMillis(tick.length().toMillis())
          .addAllSilent(JobWire.names(tick.silent()));
    } else if (value instanceof SplitTopology topology) {
      p.setTopology(JobWire.toProto(topology));
    } else if (value instanceof ForecastPace pace) {
      p.getPaceBuilder()
          .setJob(pace.jobId().value())
          .setInterval(pace.interval())
          .setCalmTicks(pace.calmTicks());
    }
    return p.build();
  }

  static JobRecord fromProto(io.foresplit.contract.wire.proto.JobRecord p) {
    return switch (p.getRecordCase()) {
      case METRICS -> {
        var m = p.getMetrics();
        yield new SegmentMetrics(
            new JobId(m.getJob()),
            new NodeId(m.getNode()),
            Enums.counter("epoch", m.getEpoch()),
            Enums.counter("interval", m.getInterval()),
            Enums.counter("steps", m.getSteps()),
            fromProto(m.getSamplesList()));
      }
      case TICK -> {
        var t = p.getTick();
        yield new IntervalTick(
            new JobId(t.getJob()),
            Enums.counter("interval", t.getInterval()),
            Enums.counter("epoch", t.getEpoch()),
            Enums.instant("end_millis", t.getEndMillis()),
            Duration.ofMillis(t.getLengthMillis()),
            JobWire.nodes(t.getSilentList()));
      }
      case TOPOLOGY -> JobWire.fromProto(p.getTopology());
      case PACE ->
          new ForecastPace(
              new JobId(p.getPace().getJob()),
              Enums.counter("interval", p.getPace().getInterval()),
              p.getPace().getCalmTicks());
      case RECORD_NOT_SET -> throw new IllegalArgumentException("it holds no known record");
    };
  }

  static io.foresplit.contract.wire.proto.Rejection toProto(Rejection rejection) {
    return io.foresplit.contract.wire.proto.Rejection.newBuilder()
        .setCode(io.foresplit.contract.wire.proto.RejectionCode.valueOf(rejection.code().name()))
        .setReason(rejection.reason())
        .setPartition(rejection.partition())
        .setOffset(rejection.offset())
        .setExcerpt(ByteString.copyFrom(rejection.excerpt()))
        .build();
  }

  static Rejection fromProto(io.foresplit.contract.wire.proto.Rejection p) {
    return new Rejection(
        Enums.convert("rejection code", Rejection.Code.class, p.getCode()),
        p.getReason(),
        p.getPartition(),
        p.getOffset(),
        p.getExcerpt().toByteArray());
  }
}
