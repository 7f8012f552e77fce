package io.foresplit.collector.stream;

import io.foresplit.collector.ReportIntake;
import io.foresplit.contract.Rejection;
import java.util.Objects;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** Reads raw records of any producer; what is a report goes on under its job's id. */
final class IntakeProcessor
    implements Processor<byte @Nullable [], byte @Nullable [], String, IntakeProcessor.Outcome> {
  /** Either side is forwarded; lives within a task. */
  sealed interface Outcome {
    /** Bytes of an {@link CollectorInput.Envelope}. */
    @SuppressWarnings("ArrayRecordComponent") // passed on within a task
    record Report(byte[] envelope) implements Outcome {}

    record Refused(Rejection rejection) implements Outcome {}
  }

  private @Nullable ProcessorContext<String, Outcome> context;

  @Override
  public void init(ProcessorContext<String, Outcome> forTask) {
    context = forTask;
  }

  @Override
  public void process(Record<byte @Nullable [], byte @Nullable []> record) {
    ProcessorContext<String, Outcome> task = Objects.requireNonNull(context);
    int partition = task.recordMetadata().map(RecordMetadata::partition).orElse(-1);
    long offset = task.recordMetadata().map(RecordMetadata::offset).orElse(-1L);
    byte[] excerpt = ReportIntake.excerpt(record.value());
    ReportIntake.Result result = ReportIntake.read(record.value());
    long timestamp = Math.min(record.timestamp(), task.currentSystemTimeMs());
    if (result instanceof ReportIntake.Result.Read read) {
      task.forward(
          new Record<>(
              read.report().job().value(),
              new Outcome.Report(
                  CollectorInput.Envelope.seal(read.report(), partition, offset, excerpt)),
              timestamp));
    } else if (result instanceof ReportIntake.Result.Unusable unusable) {
      task.forward(
          new Record<>(
              CollectorTopology.NO_JOB,
              new Outcome.Refused(
                  new Rejection(
                      unusable.why().code(), unusable.why().reason(), partition, offset, excerpt)),
              task.currentSystemTimeMs()));
    }
  }
}
