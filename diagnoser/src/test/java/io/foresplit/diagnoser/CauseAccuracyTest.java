package io.foresplit.diagnoser;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Evidence;
import io.foresplit.contract.Incident;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.RankedCause;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How often cause and component are right, over seeded synthetic histories. */
class CauseAccuracyTest {
  private static final Logger LOG = LoggerFactory.getLogger(CauseAccuracyTest.class);
  private static final int SEEDS = 40;
  private static final double REQUIRED = 0.95;

  @ParameterizedTest
  @EnumSource(Cause.class)
  void namesCauseAndComponent(Cause cause) {
    assertThat(accuracy(cause + " present", seed -> World.Draw.of(cause, seed), 0))
        .isGreaterThanOrEqualTo(REQUIRED);
  }

  @ParameterizedTest
  @EnumSource(Cause.class)
  void aLateOnsetDoesNotMislead(Cause cause) {
    assertThat(accuracy(cause + " onset +60", seed -> World.Draw.of(cause, seed), 60))
        .isGreaterThanOrEqualTo(REQUIRED);
  }

  @ParameterizedTest
  @EnumSource(Cause.class)
  void anEarlyOnsetDoesNotMislead(Cause cause) {
    // stale weights do little to anything but the loss: at times none is named
    double required = cause == Cause.STALE_WEIGHTS ? 0.9 : REQUIRED;
    assertThat(accuracy(cause + " onset -60", seed -> World.Draw.of(cause, seed), -60))
        .isGreaterThanOrEqualTo(required);
  }

  @ParameterizedTest
  @EnumSource(Cause.class)
  void whatCameTwoIntervalsAgoIsNamedWhateverTheOnset(Cause cause) {
    for (long error : new long[] {0, -6, -60, 60}) {
      assertThat(
              accuracy(
                  cause + " at once, onset " + error,
                  seed -> World.Draw.of(cause, seed).atOnce(),
                  error))
          .as("onset %+d intervals", error)
          .isGreaterThanOrEqualTo(REQUIRED);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Cause.class,
      names = {"UPLINK_FADE", "DOWNLINK_FADE", "NODE_SLOWDOWN"})
  void anEarlyAlarmIsAttributedByItsForecast(Cause cause) {
    // about a quarter of the rate gone, three quarters and more forecast to go
    assertThat(accuracy(cause + " early", seed -> World.Draw.of(cause, seed).at(0.18, 0.9), 0))
        .isGreaterThanOrEqualTo(REQUIRED);
  }

  @ParameterizedTest
  @EnumSource(
      value = Cause.class,
      names = {"UPLINK_FADE", "DOWNLINK_FADE", "NODE_SLOWDOWN"})
  void aFaintAlarmNamesTheCauseOrNone(Cause cause) {
    // about a tenth gone, hardly beyond the noise: silence is allowed, a wrong name is not
    for (double present : new double[] {0.06, 0.09, 0.12}) {
      int named = 0;
      int right = 0;
      for (long seed = 0; seed < SEEDS; seed++) {
        World world = new World(World.Draw.of(cause, seed).at(present, 0.9));
        RankedCause top = diagnose(world, 0).top().orElse(null);
        named += top == null ? 0 : 1;
        right +=
            top != null && top.cause() == cause && top.component().equals(world.component) ? 1 : 0;
      }
      LOG.info(
          "{} faint {}: right in {} of {} named, {} seeds", cause, present, right, named, SEEDS);
      assertThat(named - right).isLessThanOrEqualTo(SEEDS / 20);
    }
  }

  @Test
  void aFalseAlarmOnTheLossNamesNoCause() {
    long named =
        LongStream.range(0, 4 * SEEDS)
            .filter(seed -> !diagnose(new World(World.Draw.noise(seed)), "loss").abstained())
            .count();
    LOG.info("loss noise: a cause is named in {} of {}", named, 4 * SEEDS);
    assertThat((double) named / (4 * SEEDS)).isLessThanOrEqualTo(0.05);
  }

  @Test
  void noiseNamesNoCause() {
    long named =
        LongStream.range(0, 4 * SEEDS)
            .filter(seed -> !diagnose(new World(World.Draw.noise(seed)), 0).abstained())
            .count();
    LOG.info("noise: a cause is named in {} of {}", named, 4 * SEEDS);
    assertThat((double) named / (4 * SEEDS)).isLessThanOrEqualTo(0.05);
  }

  @ParameterizedTest
  @EnumSource(Cause.class)
  void shuffledNamesGiveTheShuffledAnswer(Cause cause) {
    for (long seed = 0; seed < 10; seed++) {
      World world = new World(World.Draw.of(cause, seed));
      World shuffled = new World(World.Draw.of(cause, seed).named("cloud", "device", "edge"));
      List<RankedCause> expected =
          diagnose(world, 0).ranked().stream()
              .map(r -> new RankedCause(renamed(r.component()), r.cause(), 0, r.evidence()))
              .toList();
      assertThat(diagnose(shuffled, 0).ranked())
          .as("%s seed %d", cause, seed)
          .usingRecursiveFieldByFieldElementComparatorIgnoringFields("probability")
          .isEqualTo(expected);
    }
  }

  @Test
  void everyCitationExistsAndTheNumberOfFactsIsBounded() {
    for (Cause cause : Cause.values()) {
      Diagnosis diagnosis = diagnose(new World(World.Draw.of(cause, 3)), 0);
      List<String> ids = diagnosis.evidence().stream().map(Evidence::id).toList();
      assertThat(ids).doesNotHaveDuplicates().hasSizeLessThanOrEqualTo(24);
      diagnosis.ranked().forEach(r -> assertThat(ids).containsAll(r.evidence()));
      assertThat(diagnosis.top().orElseThrow().evidence()).as("%s", cause).isNotEmpty();
      assertThat(diagnosis.ranked().stream().mapToDouble(RankedCause::probability).sum())
          .isLessThanOrEqualTo(1);
      assertThat(diagnosis.explanation()).contains("[E1]").contains("no language model took part");
      assertThat(diagnosis.reasoner()).isEqualTo("statistics");
      LOG.info("{}", diagnosis.explanation());
    }
  }

  private static ComponentId renamed(ComponentId component) {
    List<String> parts = new ArrayList<>();
    for (String part : component.value().split("->", -1)) {
      parts.add(
          switch (part) {
            case "device" -> "cloud";
            case "edge" -> "device";
            case "cloud" -> "edge";
            default -> part;
          });
    }
    return new ComponentId(String.join("->", parts));
  }

  private static double accuracy(String what, LongFunction<World.Draw> draw, long onsetError) {
    int right = 0;
    double belief = 0;
    List<String> wrong = new ArrayList<>();
    for (long seed = 0; seed < SEEDS; seed++) {
      World world = new World(draw.apply(seed));
      Diagnosis diagnosis = diagnose(world, onsetError);
      RankedCause top = diagnosis.top().orElse(null);
      if (top != null
          && top.component().equals(world.component)
          && top.cause() == draw.apply(seed).cause().orElseThrow()) {
        right++;
        belief += top.probability();
      } else {
        wrong.add(seed + ": " + world.component + " was " + diagnosis.ranked());
      }
    }
    LOG.info(
        "{}: cause and component right in {} of {}, mean probability {}; {}",
        what,
        right,
        SEEDS,
        Math.round(100 * belief / Math.max(1, right)) / 100.0,
        wrong);
    return (double) right / SEEDS;
  }

  static Diagnosis diagnose(World world, long onsetError) {
    return diagnose(world, world.incident(onsetError));
  }

  private static Diagnosis diagnose(World world, String objective) {
    Incident drawn = world.incident();
    BreachRisk risk = new BreachRisk(new ObjectiveId(objective), 0.8, -1, -1, -1, 1, false);
    return diagnose(
        world,
        new Incident(
            drawn.id(),
            drawn.job(),
            drawn.phase(),
            drawn.interval(),
            drawn.openedInterval(),
            drawn.onsetInterval(),
            drawn.at(),
            drawn.epoch(),
            List.of(risk),
            drawn.silent(),
            drawn.now(),
            drawn.expected()));
  }

  private static Diagnosis diagnose(World world, Incident incident) {
    DiagnosisStage stage = new DiagnosisStage(DiagnoserConfig.defaults(), new StepTimeModel());
    world.log().forEach(record -> assertThat(stage.on(record)).isEmpty());
    List<Diagnosis> diagnoses = stage.on(incident);
    assertThat(diagnoses).hasSize(1);
    return diagnoses.get(0);
  }
}
