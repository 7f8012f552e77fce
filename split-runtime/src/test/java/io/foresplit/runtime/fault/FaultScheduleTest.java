package io.foresplit.runtime.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.NodeId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FaultScheduleTest {
  private static final int CLASSES = 10;
  private static final NodeId EDGE = new NodeId("edge");
  private static final ComponentId UPLINK = new ComponentId("device->edge");
  private static final ComponentId OTHER = new ComponentId("edge->device");

  private final FaultSchedule fade = schedule(FaultKind.UPLINK_FADE, UPLINK, 16);
  private final FaultSchedule slow = schedule(FaultKind.NODE_SLOWDOWN, ComponentId.of(EDGE), 4);
  private final FaultSchedule drift =
      schedule(FaultKind.LABEL_DRIFT, ComponentId.of(new NodeId("device")), 0.6);

  @Test
  void fadeFallsEvenlyInTheLogarithmAndStays() {
    assertThat(fade.linkRateFactor(UPLINK, 39.9)).isEqualTo(1);
    assertThat(fade.linkRateFactor(UPLINK, 50)).isCloseTo(1 / 4.0, within(1e-12));
    assertThat(fade.linkRateFactor(UPLINK, 60)).isEqualTo(1 / 16.0);
    assertThat(fade.linkRateFactor(UPLINK, 1e6)).isEqualTo(1 / 16.0);
    assertThat(fade.linkRateFactor(OTHER, 60)).isEqualTo(1);
    assertThat(fade.slowdown(EDGE, 60)).isEqualTo(1);
    assertThat(fade.labelDriftShare(60)).isZero();
  }

  @Test
  void slowdownRisesEvenlyInTheLogarithmOnItsNodeAlone() {
    assertThat(slow.slowdown(EDGE, 40)).isEqualTo(1);
    assertThat(slow.slowdown(EDGE, 50)).isCloseTo(2, within(1e-12));
    assertThat(slow.slowdown(EDGE, 90)).isEqualTo(4);
    assertThat(slow.slowdown(new NodeId("cloud"), 90)).isEqualTo(1);
    assertThat(slow.linkRateFactor(UPLINK, 90)).isEqualTo(1);
  }

  @Test
  void driftTurnsTheShareOfLabelsAndASampleStaysTurned() {
    assertThat(drift.labelDriftShare(50)).isCloseTo(0.3, within(1e-12));
    int early = 0;
    int late = 0;
    for (int index = 0; index < 20_000; index++) {
      int label = index % CLASSES;
      assertThat(drift.driftedLabel(index, label, CLASSES, 40)).isEqualTo(label);
      int half = drift.driftedLabel(index, label, CLASSES, 50);
      int full = drift.driftedLabel(index, label, CLASSES, 60);
      assertThat(full).isBetween(0, CLASSES - 1);
      if (half != label) {
        early++;
        assertThat(full).isEqualTo(half);
      }
      late += full != label ? 1 : 0;
    }
    assertThat(early / 20_000.0).isCloseTo(0.3, within(0.01));
    assertThat(late / 20_000.0).isCloseTo(0.6, within(0.01));
  }

  @Test
  void eachSampleHasADerangementOfTheClassesThatTheSeedDraws() {
    FaultSchedule all =
        FaultSchedule.of(new FaultSpec(FaultKind.LABEL_DRIFT, ComponentId.of(EDGE), 0, 0, 1, 9));
    for (int index = 0; index < 100; index++) {
      int sample = index;
      assertThat(IntStream.range(0, 10).map(label -> all.driftedLabel(sample, label, CLASSES, 1)))
          .doesNotHaveDuplicates()
          .hasSize(10);
      assertThat(IntStream.range(0, 10).filter(l -> all.driftedLabel(sample, l, CLASSES, 1) == l))
          .isEmpty();
    }
    assertThat(
            IntStream.range(0, 100).map(i -> all.driftedLabel(i, 0, CLASSES, 1)).distinct().count())
        .isEqualTo(9);
  }

  @Test
  void trueConditionsAreTheDeclaredOnesButForTheFault() {
    var job = DemoJob.JOB;
    assertThat(FaultSchedule.none().conditionsAt(job, 99)).isEqualTo(job.declaredConditions());
    Conditions faded = fade.finalConditions(job);
    double nominal = job.declaredConditions().links().get(UPLINK).bytesPerSecond();
    assertThat(faded.links().get(UPLINK).bytesPerSecond()).isEqualTo(nominal / 16);
    assertThat(faded.withLink(UPLINK, job.declaredConditions().links().get(UPLINK)))
        .isEqualTo(job.declaredConditions());
    assertThat(slow.finalConditions(job).slowdowns()).containsEntry(EDGE, 4.0);
  }

  @Test
  void isReadAsItWasWritten(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("fault.json");
    for (FaultSchedule schedule : new FaultSchedule[] {fade, slow, drift, FaultSchedule.none()}) {
      schedule.write(file);
      assertThat(FaultSchedule.read(file)).isEqualTo(schedule);
    }
  }

  @Test
  void aBadFileIsNamedWithItsField(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("fault.json");
    assertRefused(file, "{\"kind\":\"flood\"}", "kind must be one of uplink-fade, node-slowdown");
    assertRefused(file, "{\"kind\":\"none\"}", "'component' is missing");
    assertRefused(file, "not json", "is not JSON");
    fade.write(file);
    assertRefused(
        file, Files.readString(file).replace("16.0", "\"a lot\""), "'size' must be a number");
    assertRefused(file, Files.readString(file).replace("\"a lot\"", "0.5"), "at least 1");
  }

  private static void assertRefused(Path file, String text, String problem) throws IOException {
    Files.writeString(file, text);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FaultSchedule.read(file))
        .withMessageContaining(file.toString())
        .withMessageContaining(problem);
  }

  @Test
  void contentionIsRealNotDeclaredButPartOfTheTrueConditions() {
    FaultSchedule contended = schedule(FaultKind.CONTENTION, ComponentId.of(EDGE), 4);
    NodeId cloud = new NodeId("cloud");
    assertThat(contended.contends(EDGE)).isTrue();
    assertThat(contended.contends(cloud)).isFalse();
    assertThat(contended.contention(EDGE, 40)).isEqualTo(1);
    assertThat(contended.contention(EDGE, 50)).isCloseTo(2, within(1e-12));
    assertThat(contended.contention(EDGE, 90)).isEqualTo(4);
    assertThat(contended.contention(cloud, 90)).isEqualTo(1);
    assertThat(contended.slowdown(EDGE, 90)).isEqualTo(1);
    assertThat(contended.finalConditions(DemoJob.JOB).slowdowns()).containsEntry(EDGE, 4.0);
    assertThat(slow.contends(EDGE)).isFalse();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> schedule(FaultKind.CONTENTION, ComponentId.of(EDGE), 17))
        .withMessage("size of a contention must be in [1, 16.0], was 17.0");
  }

  private static FaultSchedule schedule(FaultKind kind, ComponentId component, double size) {
    return FaultSchedule.of(new FaultSpec(kind, component, 40, 20, size, 7));
  }
}
