package io.foresplit.contract.wire;

import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Forecast;
import io.foresplit.contract.Incident;
import io.foresplit.contract.JobRecord;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.OperatorCommand;
import io.foresplit.contract.Rejection;
import io.foresplit.contract.SegmentReport;
import io.foresplit.contract.SplitTopology;

/**
 * The codec of each topic. Instants and durations travel as whole milliseconds; what is finer is
 * cut off. Fields a decoder does not know are ignored, so additions are compatible.
 */
public final class Codecs {
  /** Topic {@code segment-reports}. Values are not validated, only their form. */
  public static final Codec<SegmentReport> SEGMENT_REPORT =
      new ProtoCodec<>(
          "segment report",
          io.foresplit.contract.wire.proto.SegmentReport.parser(),
          TelemetryWire::toProto,
          TelemetryWire::fromProto);

  /** Topic {@code segment-metrics}. */
  public static final Codec<JobRecord> JOB_RECORD =
      new ProtoCodec<>(
          "job record",
          io.foresplit.contract.wire.proto.JobRecord.parser(),
          TelemetryWire::toProto,
          TelemetryWire::fromProto);

  /** Topic {@code segment-metrics-rejected}. */
  public static final Codec<Rejection> REJECTION =
      new ProtoCodec<>(
          "rejection",
          io.foresplit.contract.wire.proto.Rejection.parser(),
          TelemetryWire::toProto,
          TelemetryWire::fromProto);

  /** Topic {@code topology}. */
  public static final Codec<SplitTopology> TOPOLOGY =
      new ProtoCodec<>(
          "topology",
          io.foresplit.contract.wire.proto.SplitTopology.parser(),
          JobWire::toProto,
          JobWire::fromProto);

  /** Topic {@code forecasts}. */
  public static final Codec<Forecast> FORECAST =
      new ProtoCodec<>(
          "forecast",
          io.foresplit.contract.wire.proto.Forecast.parser(),
          IncidentWire::toProto,
          IncidentWire::fromProto);

  /** Topic {@code incidents}. */
  public static final Codec<Incident> INCIDENT =
      new ProtoCodec<>(
          "incident",
          io.foresplit.contract.wire.proto.Incident.parser(),
          IncidentWire::toProto,
          IncidentWire::fromProto);

  /** Topic {@code diagnoses}. */
  public static final Codec<Diagnosis> DIAGNOSIS =
      new ProtoCodec<>(
          "diagnosis",
          io.foresplit.contract.wire.proto.Diagnosis.parser(),
          IncidentWire::toProto,
          IncidentWire::fromProto);

  /** Topic {@code commands}. */
  public static final Codec<OperatorCommand> COMMAND =
      new ProtoCodec<>(
          "command",
          io.foresplit.contract.wire.proto.OperatorCommand.parser(),
          RecoveryWire::toProto,
          RecoveryWire::fromProto);

  /** Topic {@code action-journal}. */
  public static final Codec<JournalEntry> JOURNAL_ENTRY =
      new ProtoCodec<>(
          "journal entry",
          io.foresplit.contract.wire.proto.JournalEntry.parser(),
          RecoveryWire::toProto,
          RecoveryWire::fromProto);

  /** Topic {@code outcomes}. */
  public static final Codec<ActionOutcome> OUTCOME =
      new ProtoCodec<>(
          "outcome",
          io.foresplit.contract.wire.proto.ActionOutcome.parser(),
          RecoveryWire::toProto,
          RecoveryWire::fromProto);

  private Codecs() {}
}
