package io.foresplit.contract.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.Cause;
import io.foresplit.contract.Degradation;
import io.foresplit.contract.DegradationKind;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.Metric;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.contract.Rejection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every record survives the wire, and what was written once can be read for ever. */
class CodecsTest {
  static Stream<String> names() {
    return Examples.all().keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  void roundTrip(String name) throws MalformedRecordException {
    Examples.Example<?> example = Examples.all().get(name);
    assertSame(example.decoded(example.bytes()), example.value());
  }

  @ParameterizedTest
  @MethodSource("names")
  void goldenFileIsWhatIsWrittenAndCanBeRead(String name)
      throws IOException, MalformedRecordException {
    Examples.Example<?> example = Examples.all().get(name);
    byte[] golden = Files.readAllBytes(GoldenFiles.of(name));
    assertThat(example.bytes()).isEqualTo(golden);
    assertSame(example.decoded(golden), example.value());
  }

  @Test
  void everyGoldenFileHasAnExample() throws IOException {
    try (Stream<Path> files = Files.list(GoldenFiles.FOLDER)) {
      assertThat(files.map(f -> f.getFileName().toString().replace(".bin", "")))
          .containsExactlyInAnyOrderElementsOf(Examples.all().keySet());
    }
  }

  @Test
  void closedSetsHaveTheirWireNames() {
    assertThat(Metric.values())
        .allSatisfy(
            metric -> assertThat(Enums.toProto(metric).getNumber()).isEqualTo(metric.number()))
        .hasSize(io.foresplit.contract.wire.proto.Metric.values().length - 2);
    assertThat(Cause.values())
        .allSatisfy(cause -> assertThat(Enums.fromProto(Enums.toProto(cause))).isEqualTo(cause));
    assertThat(
            Arrays.stream(io.foresplit.contract.wire.proto.Degradation.Kind.values())
                .map(Enum::name))
        .containsExactly(
            Stream.concat(
                    Arrays.stream(DegradationKind.values()).map(Enum::name),
                    Stream.of("UNRECOGNIZED"))
                .toArray(String[]::new));
    for (Rejection.Code code : Rejection.Code.values()) {
      assertThat(io.foresplit.contract.wire.proto.RejectionCode.valueOf(code.name()).getNumber())
          .isPositive();
    }
  }

  @Test
  void badBytesAreRefusedInOneLineThatSaysWhy() {
    assertRefused(Codecs.SEGMENT_REPORT, new byte[0], "segment report: job id must be");
    assertRefused(Codecs.JOB_RECORD, new byte[0], "job record: it holds no known record");
    assertRefused(Codecs.COMMAND, command(0), "command: it holds no known command");
    assertRefused(
        Codecs.SEGMENT_REPORT,
        "<html>\n<body>\n".getBytes(StandardCharsets.UTF_8),
        "segment report: ");
    byte[] whole = Examples.all().get("incident").bytes();
    assertRefused(Codecs.INCIDENT, Arrays.copyOf(whole, whole.length / 2), "incident: ");
  }

  @Test
  void aPlanOfOldIsThePlanners() throws Exception {
    byte[] old = Files.readAllBytes(GoldenFiles.of("journal-intended"));
    JournalEntry.Intended read = (JournalEntry.Intended) Codecs.JOURNAL_ENTRY.decode(old);
    assertThat(read.plan().proposer()).isEqualTo(RecoveryPlan.Proposer.PLANNER);
  }

  @Test
  void anIncidentOfOldIsOfNoKnownKindAndSoIsOneOfALaterKind() throws Exception {
    byte[] old = Files.readAllBytes(GoldenFiles.of("incident"));
    assertThat(Codecs.INCIDENT.decode(old).degradation()).isEqualTo(Degradation.UNKNOWN);
    var later =
        io.foresplit.contract.wire.proto.Incident.parseFrom(
            Examples.all().get("incident-of-a-kind").bytes());
    byte[] bytes =
        later.toBuilder()
            .setDegradation(later.getDegradation().toBuilder().setKindValue(99))
            .build()
            .toByteArray();
    assertThat(Codecs.INCIDENT.decode(bytes).degradation())
        .isEqualTo(new Degradation(DegradationKind.UNKNOWN, 0.9375, "kinds/1a2b3c4d"));
  }

  @Test
  void unknownConstantsAreRefused() {
    var report =
        io.foresplit.contract.wire.proto.SegmentReport.newBuilder().setJob("demo").setNode("edge");
    report.addSamplesBuilder().setComponent("edge").setMetricValue(999).setValue(1);
    assertRefused(Codecs.SEGMENT_REPORT, report.build().toByteArray(), "unknown metric");
    report.getSamplesBuilder(0).setMetricValue(0);
    assertRefused(Codecs.SEGMENT_REPORT, report.build().toByteArray(), "unknown metric");
  }

  @Test
  void numbersBeyondALongAreRefused() {
    byte[] bytes =
        io.foresplit.contract.wire.proto.SegmentReport.newBuilder()
            .setJob("demo")
            .setNode("edge")
            .setInterval(-1)
            .build()
            .toByteArray();
    assertRefused(Codecs.SEGMENT_REPORT, bytes, "interval must be at most 9223372036854775807");
  }

  private static void assertSame(Object decoded, Object expected) {
    if (expected instanceof Rejection) { // holds an array
      assertThat(decoded).usingRecursiveComparison().isEqualTo(expected);
    } else {
      assertThat(decoded).isEqualTo(expected);
    }
  }

  private static byte[] command(long at) {
    return io.foresplit.contract.wire.proto.OperatorCommand.newBuilder()
        .setJob("demo")
        .setAtMillis(at)
        .build()
        .toByteArray();
  }

  private static void assertRefused(Codec<?> codec, byte[] bytes, String reason) {
    assertThatThrownBy(() -> codec.decode(bytes))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining(reason)
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
  }
}
