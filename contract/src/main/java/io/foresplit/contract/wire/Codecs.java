package io.foresplit.contract.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The codec of each topic. */
public final class Codecs {
  public static final Codec<SegmentReport> SEGMENT_REPORT =
      codec(
          "segment report",
          io.foresplit.contract.wire.proto.SegmentReport.parser(),
          TelemetryWire::toProto,
          TelemetryWire::fromProto);

  public static final Codec<JobRecord> JOB_RECORD =
      codec(
          "job record",
          io.foresplit.contract.wire.proto.JobRecord.parser(),
          TelemetryWire::toProto,
          TelemetryWire::fromProto);

  public static final Codec<Rejection> REJECTION =
      codec(
          "rejection",
          io.foresplit.contract.wire.proto.Rejection.parser(),
          TelemetryWire::toProto,
          TelemetryWire::fromProto);

  public static final Codec<SplitTopology> TOPOLOGY =
      codec(
          "topology",
          io.foresplit.contract.wire.proto.SplitTopology.parser(),
          JobWire::toProto,
          JobWire::fromProto);

  public static final Codec<Forecast> FORECAST =
      codec(
          "forecast",
          io.foresplit.contract.wire.proto.Forecast.parser(),
          IncidentWire::toProto,
          IncidentWire::fromProto);

  public static final Codec<Incident> INCIDENT =
      codec(
          "incident",
          io.foresplit.contract.wire.proto.Incident.parser(),
          IncidentWire::toProto,
          IncidentWire::fromProto);

  public static final Codec<Diagnosis> DIAGNOSIS =
      codec(
          "diagnosis",
          io.foresplit.contract.wire.proto.Diagnosis.parser(),
          IncidentWire::toProto,
          IncidentWire::fromProto);

  public static final Codec<OperatorCommand> COMMAND =
      codec(
          "command",
          io.foresplit.contract.wire.proto.OperatorCommand.parser(),
          RecoveryWire::toProto,
          RecoveryWire::fromProto);

  public static final Codec<JournalEntry> JOURNAL_ENTRY =
      codec(
          "journal entry",
          io.foresplit.contract.wire.proto.JournalEntry.parser(),
          RecoveryWire::toProto,
          RecoveryWire::fromProto);

  public static final Codec<ActionOutcome> OUTCOME =
      codec(
          "outcome",
          io.foresplit.contract.wire.proto.ActionOutcome.parser(),
          RecoveryWire::toProto,
          RecoveryWire::fromProto);

  private Codecs() {}

  private static <T, P extends MessageLite> Codec<T> codec(
      String what, Parser<P> parser, Function<T, P> encode, Function<P, T> decode) {
    return new Codec<>() {
      @Override
      public byte[] encode(T value) {
        return encode.apply(value).toByteArray();
      }

      @Override
      public T decode(byte[] bytes) throws MalformedRecordException {
        try {
          return decode.apply(parser.parseFrom(bytes));
        } catch (InvalidProtocolBufferException e) {
          throw new MalformedRecordException(
              "not a " + what + " in Protobuf: " + firstLine(e.getMessage()), e);
        } catch (IllegalArgumentException | ArithmeticException e) {
          // a record's constructor, or a number out of range, refused it
          throw new MalformedRecordException(
              "not a valid " + what + ": " + firstLine(e.getMessage()), e);
        }
      }
    };
  }

  private static String firstLine(@Nullable String message) {
    return message == null ? "no reason given" : message.lines().findFirst().orElse("");
  }
}
