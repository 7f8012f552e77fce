package io.foresplit.diagnoser.library;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.ActionOutcome.Result;
import io.foresplit.contract.BreachRisk;
import io.foresplit.contract.Cause;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Degradation;
import io.foresplit.contract.DegradationKind;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.Incident;
import io.foresplit.contract.IncidentId;
import io.foresplit.contract.JobId;
import io.foresplit.contract.ObjectiveId;
import io.foresplit.contract.Placement;
import io.foresplit.contract.RankedCause;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.diagnoser.library.Library.Shelf;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PastIncidentsTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Placement AFTER =
      Placement.ofCuts(List.of(Fixtures.DEVICE, Fixtures.EDGE, Fixtures.CLOUD), 7, List.of(3, 4));

  private final PastIncidents past = new PastIncidents();

  private static Incident incident(int number, Incident.Phase phase, long seconds) {
    Conditions healthy = Fixtures.lenetJob().declaredConditions();
    long opened = number * 1_000L;
    return new Incident(
        new IncidentId("inc-" + number),
        Fixtures.JOB,
        phase,
        opened + 2 * seconds,
        opened,
        opened - 5,
        START.plusSeconds(number * 500L + seconds),
        0,
        phase == Incident.Phase.RESOLVED
            ? List.of()
            : List.of(new BreachRisk(new ObjectiveId("step-time"), .9, -1, -1, -1, .3, false)),
        List.of(),
        healthy,
        healthy,
        new Degradation(DegradationKind.COMMUNICATION, .9, "kinds/1"));
  }

  private static Diagnosis diagnosis(Incident incident, int revision, RankedCause... ranked) {
    return new Diagnosis(
        incident, revision, List.of(ranked), List.of(), "model says", "statistics");
  }

  private static RankedCause fade(double probability) {
    return new RankedCause(Fixtures.UPLINK, Cause.UPLINK_FADE, probability, List.of());
  }

  private static ActionOutcome outcome(
      int number, String action, RecoveryAction what, Result result, long interval, String detail) {
    RecoveryPlan plan =
        new RecoveryPlan(
            new ActionId(action),
            Fixtures.JOB,
            new IncidentId("inc-" + number),
            0,
            interval,
            what,
            .3,
            .2,
            "reason");
    return new ActionOutcome(plan, result, interval, 160, .31, .19, detail);
  }

  private static ActionOutcome move(int number, String action, Result result, long interval) {
    return outcome(
        number,
        action,
        new RecoveryAction.MoveLayers(Fixtures.placement(), AFTER),
        result,
        interval,
        "the node said\u001b[31m no");
  }

  private void read(Object record) {
    if (record instanceof Incident incident) {
      past.on(incident);
    } else if (record instanceof Diagnosis diagnosis) {
      past.on(diagnosis);
    } else {
      past.on((ActionOutcome) record);
    }
  }

  /** An incident with two moves, the first of which did not help. */
  private static List<Object> story() {
    Incident open = incident(1, Incident.Phase.OPEN, 0);
    Incident updated = incident(1, Incident.Phase.UPDATED, 20);
    return List.of(
        open,
        diagnosis(
            open,
            0,
            new RankedCause(ComponentId.of(Fixtures.EDGE), Cause.NODE_SLOWDOWN, .6, List.of())),
        updated,
        diagnosis(updated, 0, fade(.8)),
        diagnosis(updated, 1, fade(.9)),
        move(1, "act-1-0", Result.UNDONE, 1_030),
        move(1, "act-1-1", Result.HELPED, 1_080),
        incident(1, Incident.Phase.RESOLVED, 95));
  }

  @Test
  void aResolvedIncidentIsOneTextWithItsOutcome() {
    story().forEach(this::read);
    assertThat(past.pages())
        .containsExactly(
            new Page(
                Shelf.INCIDENTS,
                "incident:demo/inc-1",
                "uplink-fade",
                "Incident inc-1: uplink-fade at device->edge, undone, helped",
                "Job demo, kind communication. At risk: step-time. Cause: uplink-fade at"
                    + " device->edge (90 %). Action: move-layers device[0-1] edge[2-3] cloud[4-6]"
                    + " to device[0-2] edge[3] cloud[4-6]: undone, a step took 310 ms before and"
                    + " 190 ms after, training paused 160 ms. Action: move-layers device[0-1]"
                    + " edge[2-3] cloud[4-6] to device[0-2] edge[3] cloud[4-6]: helped, a step"
                    + " took 310 ms before and 190 ms after, training paused 160 ms. Opened"
                    + " 2026-01-01T00:08:20Z, lasted 95 s."));
  }

  @Test
  void anOpenIncidentIsNoneOfThePast() {
    story().subList(0, 7).forEach(this::read);
    assertThat(past.pages()).isEmpty();
  }

  @Test
  void orderAndRepetitionDoNotMatter() {
    story().forEach(this::read);
    List<Page> expected = past.pages();
    Random random = new Random(7);
    for (int trial = 0; trial < 50; trial++) {
      List<Object> twice = new ArrayList<>(story());
      twice.addAll(story());
      Collections.shuffle(twice, random);
      PastIncidentsTest other = new PastIncidentsTest();
      twice.forEach(other::read);
      assertThat(other.past.pages()).isEqualTo(expected);
    }
    story().forEach(this::read);
    assertThat(past.pages()).isEqualTo(expected);
  }

  @Test
  void anOutcomeThatComesLaterChangesTheText() {
    story().stream().filter(record -> !(record instanceof ActionOutcome)).forEach(this::read);
    assertThat(past.pages())
        .singleElement()
        .extracting(Page::text)
        .asString()
        .contains("No action was taken.");
    read(move(1, "act-1-0", Result.KEPT, 1_030));
    assertThat(past.pages()).singleElement().extracting(Page::title).asString().endsWith("kept");
  }

  @Test
  void otherEndingsAreTold() {
    read(incident(1, Incident.Phase.OPEN, 0));
    read(incident(1, Incident.Phase.RESOLVED, 7_300));
    read(move(1, "act-1-0", Result.FAILED, 1_030));
    read(
        outcome(
            1,
            "act-1-1",
            new RecoveryAction.NotifyOperator("check the labels"),
            Result.NOTIFIED,
            1_031,
            ""));
    Page page = past.pages().get(0);
    assertThat(page.title()).isEqualTo("Incident inc-1: no cause named, failed, notified");
    assertThat(page.subject()).isEmpty();
    assertThat(page.text())
        .contains("No cause was named. ")
        .contains(": failed, the node said[31m no. ")
        .contains("Action: notify-operator check the labels: notified. ")
        .endsWith("lasted 2 h.");
  }

  @Test
  void anAbstentionDoesNotHideTheCause() {
    story().forEach(this::read);
    read(diagnosis(incident(1, Incident.Phase.UPDATED, 40), 0));
    assertThat(past.pages().get(0).subject()).isEqualTo("uplink-fade");
  }

  @Test
  void aBeginningThatRetentionTookIsSaid() {
    read(incident(1, Incident.Phase.RESOLVED, 95));
    assertThat(past.pages().get(0).text())
        .endsWith("Resolved 2026-01-01T00:09:55Z, when it began is no longer known.");
  }

  @Test
  void jobsWithTheSameIdsStayApart() {
    Incident one = incident(1, Incident.Phase.RESOLVED, 5);
    read(one);
    read(
        new Incident(
            one.id(),
            new JobId("other"),
            one.phase(),
            one.interval(),
            one.openedInterval(),
            one.onsetInterval(),
            one.at(),
            0,
            List.of(),
            List.of(),
            one.now(),
            one.expected()));
    assertThat(past.pages())
        .extracting(Page::source)
        .containsExactly("incident:demo/inc-1", "incident:other/inc-1");
  }

  @Test
  void theNewestAreKeptHoweverManyAreReadAndHoweverOften() {
    for (int pass = 0; pass < 2; pass++) {
      for (int number = 1; number <= 3_000; number++) {
        read(incident(number, Incident.Phase.OPEN, 0));
        read(incident(number, Incident.Phase.RESOLVED, 60));
        read(move(number, "act-" + number, Result.HELPED, number));
      }
      List<Page> pages = past.pages();
      assertThat(pages).hasSize(PastIncidents.MOST);
      assertThat(pages.get(0).source()).isEqualTo("incident:demo/inc-3000");
      assertThat(pages.get(499).source()).isEqualTo("incident:demo/inc-2501");
      assertThat(pages).allSatisfy(page -> assertThat(page.title()).endsWith("helped"));
    }
  }

  @Test
  void aTextIsBoundedWhateverTheRecordsHold() {
    story().forEach(this::read);
    for (int i = 0; i < 30; i++) {
      read(
          outcome(
              1,
              "note-" + i,
              new RecoveryAction.NotifyOperator("x".repeat(5_000)),
              Result.NOTIFIED,
              1_100 + i,
              ""));
    }
    Page page = past.pages().get(0);
    assertThat(page.text()).hasSizeLessThanOrEqualTo(Page.LONGEST);
    assertThat(page.text()).contains("xxx…");
  }
}
