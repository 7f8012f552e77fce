package io.foresplit.diagnoser.chat;

import io.foresplit.contract.ComponentId;
import io.foresplit.contract.PlacementPlanner;
import io.foresplit.diagnoser.chat.ChatEvent.Status;
import io.foresplit.diagnoser.chat.Question.About;
import io.foresplit.diagnoser.chat.Question.Measured;
import io.foresplit.diagnoser.chat.Question.OneFact;
import io.foresplit.diagnoser.chat.Question.Outlook;
import io.foresplit.diagnoser.chat.Question.Plain;
import io.foresplit.diagnoser.chat.Question.WhatIf;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Answers a fixed set of questions about an incident in plain sentences, from what is recorded and
 * by no language model, and says so once in a conversation. What is measured, what forecast and
 * what predicted is told apart; what is not recorded or not understood is said, with what can be
 * asked. Pure and thread-safe.
 */
public final class IncidentChat implements Answerer {
  static final String NO_MODEL =
      "No language model takes part in this conversation: answers are put together from what is"
          + " recorded.";

  /** Questions to begin with, one for each kind. */
  public static final List<String> EXAMPLES =
      List.of(
          "Why did it happen?",
          "Since when?",
          "What is the evidence?",
          "What else could it be?",
          "How sure are you?",
          "What was tried?",
          "Did it help?",
          "What is forecast?",
          "Where are the layers?",
          "What if we cut after layer 3?",
          "What should I check?");

  private static final int COMPONENTS_TOLD = 12;

  private final PlacementPlanner planner;

  /**
   * @param planner predicts step times for what-ifs
   */
  public IncidentChat(PlacementPlanner planner) {
    this.planner = planner;
  }

  @Override
  public void answer(
      IncidentFacts facts, List<Turn> history, String question, Consumer<ChatEvent> listener) {
    Telling telling = new Telling(facts, listener);
    boolean known = tell(telling, history, question);
    if (history.isEmpty()) {
      telling.line().say(NO_MODEL);
    }
    telling.end(known ? Status.ANSWERED : Status.UNKNOWN);
  }

  /** Tells an answer without its end. Whether it is known. */
  public boolean tell(Telling telling, List<Turn> history, String question) {
    Question asked = new QuestionReader(telling.facts()).read(history, question);
    boolean known = answer(asked, telling);
    if (!known && asked != Plain.NOT_UNDERSTOOD) {
      telling.line();
      whatCanBeAsked(telling);
    }
    return known;
  }

  /** Whether it is known. */
  private boolean answer(Question asked, Telling telling) {
    if (asked instanceof Plain plain) {
      return answer(plain, telling);
    } else if (asked instanceof OneFact fact) {
      return new CauseAnswers(telling).fact(fact.id());
    } else if (asked instanceof About about) {
      return new CauseAnswers(telling).about(about.component());
    } else if (asked instanceof Outlook outlook) {
      return new CourseAnswers(telling).outlook(outlook.component());
    } else if (asked instanceof Measured measured) {
      return new CourseAnswers(telling).measured(measured.metric(), measured.component());
    }
    return new WhatIfAnswer(telling, planner).answer(((WhatIf) asked).proposal());
  }

  private static boolean answer(Plain asked, Telling telling) {
    return switch (asked) {
      case WHY -> new CauseAnswers(telling).why();
      case EVIDENCE -> new CauseAnswers(telling).evidence();
      case ALTERNATIVES -> new CauseAnswers(telling).alternatives();
      case CONFIDENCE -> new CauseAnswers(telling).confidence();
      case CHECK -> new CauseAnswers(telling).check();
      case SINCE -> new CourseAnswers(telling).since();
      case WHERE -> new CourseAnswers(telling).where();
      case TRIED -> new ActionAnswers(telling).tried();
      case HELPED -> new ActionAnswers(telling).helped();
      case WHAT_CAN_BE_ASKED -> whatCanBeAsked(telling);
      case NOT_UNDERSTOOD -> {
        telling.say("I do not know what to say to that.");
        whatCanBeAsked(telling);
        yield false;
      }
    };
  }

  private static boolean whatCanBeAsked(Telling telling) {
    telling.say("You can ask: " + String.join(" ", EXAMPLES));
    telling.say(
        "Also about a fact (E1), a metric (step time), other placements (what if layers 2-3 ran on"
            + " a node), or a component.");
    List<ComponentId> components = telling.facts().components();
    if (!components.isEmpty()) {
      telling.say(
          "Components are "
              + components.stream()
                  .limit(COMPONENTS_TOLD)
                  .map(ComponentId::value)
                  .collect(Collectors.joining(", "))
              + (components.size() > COMPONENTS_TOLD ? " and more." : "."));
    }
    return true;
  }
}
