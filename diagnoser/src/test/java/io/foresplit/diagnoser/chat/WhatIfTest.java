package io.foresplit.diagnoser.chat;

import static io.foresplit.contract.Fixtures.CLOUD;
import static io.foresplit.contract.Fixtures.DEVICE;
import static io.foresplit.contract.Fixtures.EDGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.JobSpec;
import io.foresplit.contract.LinkCondition;
import io.foresplit.contract.LinkSpec;
import io.foresplit.contract.Metric;
import io.foresplit.contract.Placement;
import io.foresplit.contract.SeriesKey;
import io.foresplit.contract.SplitTopology;
import io.foresplit.contract.TrainingScheme;
import io.foresplit.diagnoser.StepTimeModel;
import io.foresplit.diagnoser.Words;
import io.foresplit.diagnoser.chat.ChatEvent.Status;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WhatIfTest {
  private static final StepTimeModel PLANNER = new StepTimeModel();

  private final JobSpec job = Fixtures.lenetJob();
  private final IncidentFacts facts = RecordedIncident.whole().facts();
  private final Asking asking = new Asking(facts);

  private static Placement placement(int... cuts) {
    return Placement.ofCuts(List.of(DEVICE, EDGE, CLOUD), 7, List.of(cuts[0], cuts[1]));
  }

  /** As the history has it: 4 % below what is declared, and edge a little slow. */
  private Conditions healthy() {
    Conditions healthy = job.declaredConditions().withSlowdown(EDGE, 1.02);
    for (LinkSpec link : job.links()) {
      healthy =
          healthy.withLink(
              link.id(), new LinkCondition(0.96 * link.bytesPerSecond(), link.delaySeconds()));
    }
    return healthy;
  }

  @Test
  void predictionsAreThePlanners() {
    Placement wanted = placement(4, 4);
    WhatIfLookUp.Seconds seconds =
        new WhatIfLookUp(wanted, PLANNER).in(facts).predicted().orElseThrow();
    assertThat(seconds.healthy()).isCloseTo(PLANNER.predict(job, wanted, healthy()), within(1e-12));
    assertThat(seconds.measured()).isEqualTo(PLANNER.predict(job, wanted, facts.trouble().now()));
    assertThat(seconds.forecast())
        .isEqualTo(PLANNER.predict(job, wanted, facts.trouble().expected()));

    assertThat(asking.ask("what if we cut after layer 3?").text())
        .contains(
            "With device[0-3] cloud[4-6] (taken as the cut behind device, the others staying where"
                + " they are as far as they can) the step-time model predicts "
                + Words.seconds(seconds.forecast())
                + " under the forecast conditions, "
                + Words.seconds(seconds.measured())
                + " under the measured ones and "
                + Words.seconds(seconds.healthy())
                + " under healthy ones.")
        .contains("For the placement of the incident, device[0-1] edge[2-3] cloud[4-6]")
        .contains("These are predictions of the model, not measurements.");
  }

  @Test
  void healthyIsAsDeclaredWhereNothingWasMeasured() {
    SeriesKey delay = new SeriesKey(ComponentId.link(DEVICE, EDGE), Metric.LINK_DELAY_SECONDS);
    KnownConditions known = KnownConditions.of(facts, job);
    assertThat(known.healthy().of(delay)).isEqualTo(0.005);
    assertThat(known.healthy()).isEqualTo(healthy());
  }

  @ParameterizedTest
  @CsvSource({
    "what if we cut after layer 3?, device[0-3] cloud[4-6]",
    "what if the cut were after conv2, device[0-2] edge[3] cloud[4-6]",
    "what would happen if we split after layers 2 and 5?, device[0-2] edge[3-5] cloud[6]",
    "what if we cut after layer 1 and layer 4, device[0-1] edge[2-4] cloud[5-6]",
    "what if we cut after layer 4 and after layer 1, device[0-1] edge[2-4] cloud[5-6]",
    "what if layers 2-3 ran on cloud?, device[0-1] cloud[2-6]",
    "what if layers 2 to 3 ran on the device, device[0-3] cloud[4-6]",
    "what if layer pool2 ran on CLOUD, device[0-1] edge[2] cloud[3-6]",
    "what happens if we do nothing?, device[0-1] edge[2-3] cloud[4-6]",
    "what if it stays as it is, device[0-1] edge[2-3] cloud[4-6]",
  })
  void placementsAreUnderstood(String question, String placement) {
    Asking.Answer told = asking.ask(question.replace(';', ','));
    assertThat(told.text()).startsWith("With " + placement + " ");
    assertThat(told.status()).isEqualTo(Status.ANSWERED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "what if we cut after layer 9?|the model has layers 0 to 6",
        "what if we cut after layer -1?|the model has layers 0 to 6",
        "what if we cut after layer conv9?|the model has layers 0 to 6",
        "what if we cut after layer 99999999999999?|the model has layers 0 to 6",
        "what if we cut after layer 1, 2 and 3?|a chain of 3 nodes has at most 2 cuts",
        "what if we cut after layer 6?|the last layer is on device, which holds no labels",
        "what if layers 0-3 ran on edge?|the first 1 layers must stay on the data owner device",
        "what if layers 2-3 ran on the moon?|the job has no such node",
        "what if layers 3-2 ran on edge?|the model has layers 0 to 6",
        "what if layer 5 ran on edge?|layer 5 goes back up the chain to edge",
        "what if everything ran on the cloud?|the first 1 layers must stay on the data owner",
      })
  void whatIsNotAllowedIsAnsweredByWhatIs(String question, String problem) {
    String told = asking.ask(question).text();
    assertThat(told)
        .startsWith("That is not possible, since " + problem)
        .contains(
            ": allowed is what keeps layer 0 on the data owner device, goes only down the chain"
                + " device → edge → cloud and has the last of its layers, 6, on edge or cloud.");
    assertThat(told.lines().findFirst().orElseThrow()).doesNotContain("predicts");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"what if the uplink recovers?", "what if it rains?", "is there a better cut?"})
  void otherWhatIfsAreNotKnown(String question) {
    Asking.Answer told = asking.ask(question);
    assertThat(told.status()).isEqualTo(Status.UNKNOWN);
    assertThat(told.text()).startsWith("I can only tell what a step would take with other");
  }

  @Test
  void withFurtherClientsTheLastLayersStayWithThem() {
    JobSpec chain = Fixtures.lenetJob();
    JobSpec ushaped =
        new JobSpec(
            chain.id(),
            chain.model(),
            32,
            chain.interval(),
            chain.layers(),
            chain.nodes(),
            chain.links(),
            DEVICE,
            List.of(DEVICE),
            1,
            chain.objectives(),
            new TrainingScheme(
                TrainingScheme.Mode.U_SHAPED,
                1,
                List.of(),
                TrainingScheme.Sharding.IID,
                0,
                0,
                0,
                Duration.ZERO,
                2));
    Placement now = new Placement(List.of(DEVICE, DEVICE, EDGE, EDGE, CLOUD, DEVICE, DEVICE));
    Proposal.Meant meant =
        new Proposal.CutAfter(List.of(2))
            .on(new SplitTopology(ushaped, 0, now, RecordedIncident.AT));
    assertThat(meant.placement().orElseThrow().describe())
        .isEqualTo("device[0-2] edge[3] cloud[4] device[5-6]");
    assertThat(meant.placement().orElseThrow().violations(ushaped)).isEmpty();
  }
}
