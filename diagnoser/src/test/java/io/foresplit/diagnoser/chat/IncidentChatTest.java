package io.foresplit.diagnoser.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Fixtures;
import io.foresplit.contract.JournalEntry;
import io.foresplit.contract.RecoveryAction;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.diagnoser.chat.ChatEvent.Citation;
import io.foresplit.diagnoser.chat.ChatEvent.Status;
import io.foresplit.diagnoser.chat.ChatEvent.Token;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IncidentChatTest {
  private final Asking asking = new Asking(RecordedIncident.whole().facts());

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Why did it happen?|The most likely cause, with a probability of 93 %, is that the uplink"
            + " device->edge loses rate [E1] [E3].",
        "what is the root cause|is that the uplink device->edge loses rate [E1]",
        "explain please|is that the uplink device->edge loses rate",
        "Since when?|left its healthy range at about 2026-01-01 12:00:50 UTC, as estimated",
        "when did it start|opened at 12:01:02 UTC, 12 s later. It was resolved at 12:01:22 UTC",
        "is it over?|It was resolved at 12:01:22 UTC, after 20 s.",
        "What is the evidence?|Predicted: the step time model predicts 400 ms",
        "show me the facts|Measured: rate of device->edge fell from 5.00 MB/s to 1.30 MB/s [E1]",
        "What else could it be?|Less likely, with a probability of 6 %: node edge computes more"
            + " slowly than declared [E2].",
        "any other causes?|The most likely cause remains, with a probability of 93 %",
        "How sure are you?|has a probability of 93 % [E1] [E3], the next likely cause one of 6 %",
        "how likely is that|1 of 1 recorded diagnoses of the incident name it",
        "What was tried?|a move of layers was planned, from device[0-1] edge[2-3] cloud[4-6] to"
            + " device[0-3] cloud[4-6], because it sends fewer bytes",
        "what did you do|predicted by the step-time model was 400 ms a step without it and 210 ms",
        "why did you move layers?|because it sends fewer bytes over device->edge",
        "Did it help?|It helped: measured, the median step took 310 ms before and 220 ms after",
        "what was the outcome|training paused 312 ms (as predicted)",
        "What is forecast?|objective step-time is breached within the horizon with a probability of"
            + " 84 %, expected at 12:01:06 UTC, and with a probability of 80 % between 12:01:04 UTC"
            + " and a time after the horizon.",
        "when will it breach?|to be 379 ms at 12:01:12 UTC, and with a probability of 80 % between"
            + " 319 ms and 459 ms (by damped-holt/1)",
        "what do you expect for the link device->edge|the rate of device->edge is 900 kB/s;"
            + " measured then was 1.30 MB/s",
        "Where are the layers?|At the incident, epoch 0, the placement is device[0-1] edge[2-3]"
            + " cloud[4-6]: device holds conv1, pool1; edge holds conv2, pool2",
        "what is the topology|Layers have moved since: at epoch 1, the placement is device[0-3]"
            + " cloud[4-6]",
        "What should I check?|Check the signal, interference and other traffic on device->edge",
        "what would disprove it?|if the rate of device->edge were back near 5.00 MB/s and the"
            + " trouble stayed [E1]",
        "which questions can I ask?|You can ask: Why did it happen?",
        "help|Components are device, edge, cloud, device->edge",
        "what about E3?|a change of 14.0 times the usual noise. It bears on: uplink-fade of"
            + " device->edge.",
        "what about the edge?|node edge computes more slowly than declared [E2]",
        "could it be the cloud?|cloud is not among the causes that the diagnosis ranks; the most"
            + " likely one is that the uplink device->edge loses rate",
        "why not edge?|With a probability of 6 %, node edge computes",
        "between device and edge?|With a probability of 93 %, the uplink device->edge",
        "how is the step time?|Measured before the onset: the step time of the job was 210 ms in"
            + " the median",
        "what is the rate of device->edge|Measured at the incident: the rate of device->edge was"
            + " 1.30 MB/s in the median, 1.30 MB/s to 1.30 MB/s, in 10 of 10 intervals",
      })
  void eachKindOfQuestionIsAnswered(String question, String answer) {
    Asking.Answer told = asking.ask(question);
    assertThat(told.text()).contains(answer);
    assertThat(told.status()).isEqualTo(Status.ANSWERED);
  }

  @Test
  void theSuggestedQuestionsAreAllUnderstood() {
    IncidentChat.EXAMPLES.forEach(
        question -> assertThat(asking.ask(question).status()).isEqualTo(Status.ANSWERED));
  }

  @Test
  void thatNoModelTakesPartIsSaidOnce() {
    assertThat(asking.ask("why?").text()).endsWith(IncidentChat.NO_MODEL);
    assertThat(asking.ask("since when?").text()).doesNotContain("language model");
    assertThat(asking.ask("tell me a joke").text()).doesNotContain("language model");
  }

  @Test
  void aCitationFollowsTheTextThatHasIt() {
    List<ChatEvent> events = asking.ask("why?").events();
    for (int i = 0; i < events.size(); i++) {
      if (events.get(i) instanceof Citation citation) {
        assertThat(events.get(i - 1))
            .isInstanceOfSatisfying(
                Token.class,
                token -> assertThat(token.text()).endsWith("[" + citation.evidence() + "]"));
      }
    }
    assertThat(events).filteredOn(Citation.class::isInstance).hasSize(3);
  }

  @Test
  void whatIsLookedUpIsTold() {
    assertThat(asking.ask("why?").lookUps()).isEmpty();
    assertThat(asking.ask("where are the layers?").lookUps()).containsExactly("topology");
    assertThat(asking.ask("what was tried?").lookUps()).containsExactly("actions");
    assertThat(asking.ask("what is forecast?").lookUps()).containsExactly("forecast");
    assertThat(asking.ask("what if we cut after layer 3?").lookUps()).containsExactly("what-if");
    Asking.Answer fact = asking.ask("E1?");
    assertThat(fact.of(ChatEvent.ToolCall.class).get(0).arguments())
        .containsEntry("series", "device->edge/LINK_RATE");
    assertThat(fact.of(ChatEvent.ToolResult.class).get(0).text())
        .startsWith("the rate of device->edge was 1.30 MB/s in the median");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tell me a joke",
        "what about the moon?",
        "?",
        "E9",
        "what is the rate of the cloud?",
        "what if the network recovers?"
      })
  void whatIsNotKnownIsSaidWithWhatCanBeAsked(String question) {
    Asking.Answer told = asking.ask(question);
    assertThat(told.status()).isEqualTo(Status.UNKNOWN);
    assertThat(told.text()).contains("You can ask: Why did it happen?");
  }

  @Test
  void nothingIsMadeUpWhenLittleIsRecorded() {
    Asking bare = new Asking(new RecordedIncident().facts());
    for (String question :
        List.of(
            "why?",
            "what is the evidence?",
            "what else?",
            "how sure are you?",
            "what should I check?",
            "where are the layers?",
            "what if we cut after layer 3?",
            "E1?")) {
      assertThat(bare.ask(question).status()).as(question).isEqualTo(Status.UNKNOWN);
    }
    assertThat(bare.ask("why?").text()).contains("No diagnosis of it is recorded");
    assertThat(bare.ask("did it help?").text()).contains("Nothing was tried so far");
    assertThat(bare.ask("since when?").text()).contains("It is open");
    assertThat(bare.ask("when will it breach?").text()).contains("probability of 84 %");
  }

  @Test
  void anAbstentionIsToldAsOne() {
    RecordedIncident incident = new RecordedIncident().placed();
    incident.diagnosed(incident.diagnosis(List.of(), RecordedIncident.facts("edge is well")));
    Asking.Answer told = new Asking(incident.facts()).ask("why?");
    assertThat(told.text()).contains("No known cause stands out from the noise").contains("[E1]");
    assertThat(told.status()).isEqualTo(Status.UNKNOWN);
  }

  @Test
  void wordsOfAModelAreQuotedAsSuch() {
    RecordedIncident incident = new RecordedIncident().placed().diagnosed();
    var statistical = incident.facts().diagnosis().orElseThrow();
    incident.diagnosed(
        new Diagnosis(
            statistical.incident(),
            1,
            statistical.ranked(),
            statistical.evidence(),
            "The uplink fades [E1], says [E77].",
            "statistics+llm:tiny"));
    assertThat(new Asking(incident.facts()).ask("why?").text())
        .contains("diagnosis 2 of the incident, by statistics+llm:tiny")
        .contains("recorded with it: \"The uplink fades [E1], says.\"");
  }

  @Test
  void anActionIsToldAsFarAsItHasCome() {
    RecordedIncident moved = new RecordedIncident().placed().diagnosed().moved();
    assertThat(new Asking(moved.facts()).ask("did it help?").text())
        .contains("still being measured, so I do not know yet");

    RecoveryPlan plan = moved.plan();
    RecoveryPlan reverse =
        new RecoveryPlan(
            new ActionId("action-2"),
            plan.job(),
            plan.incident(),
            1,
            plan.plannedInterval() + 20,
            new RecoveryAction.MoveLayers(RecordedIncident.AFTER, Fixtures.placement()),
            0.3,
            0.2,
            "undo");
    moved.add(
        new JournalEntry.UndoIntended(
            plan.job(), RecordedIncident.AT.plusSeconds(9), plan.actionId(), reverse));
    moved.add(
        new JournalEntry.Failed(
            plan.job(), RecordedIncident.AT.plusSeconds(11), reverse.actionId(), "no answer"));
    assertThat(new Asking(moved.facts()).ask("what was tried?").text())
        .contains("It did not help and is being undone.")
        .contains("from device[0-3] cloud[4-6] to device[0-1] edge[2-3] cloud[4-6], because undo")
        .contains("It failed: no answer.");
  }

  @Test
  void whatTheOperatorWasToldIsQuoted() {
    RecordedIncident incident = new RecordedIncident().placed();
    incident.add(
        new JournalEntry.Intended(
            Fixtures.JOB,
            RecordedIncident.AT,
            new RecoveryPlan(
                new ActionId("action-1"),
                Fixtures.JOB,
                incident.incident().id(),
                0,
                1,
                new RecoveryAction.NotifyOperator("look at the labels"),
                0,
                0,
                "")));
    assertThat(new Asking(incident.facts()).ask("what was tried?").text())
        .contains("the operator was told: \"look at the labels\"");
  }
}
