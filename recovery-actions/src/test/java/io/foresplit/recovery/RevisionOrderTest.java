package io.foresplit.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.Conditions;
import io.foresplit.contract.Diagnosis;
import io.foresplit.contract.Incident;
import io.foresplit.contract.OperatorCommand.Mode;
import io.foresplit.contract.OperatorCommand.SetMode;
import io.foresplit.contract.Placement;
import io.foresplit.contract.RecoveryAction.MoveLayers;
import io.foresplit.contract.RecoveryPlan;
import io.foresplit.contract.RecoveryPlan.Proposer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * A language model's revision of a diagnosis may arrive at any time: what arrives before the action
 * starts is planned from, what arrives later changes nothing. All orders of arrival are tried.
 */
class RevisionOrderTest {
  private static final long FIRST = 10;
  private static final long LAST = FIRST + 8;
  private static final long NEVER = Long.MAX_VALUE;

  private static final Conditions NOW = TestJob.uplink(0.6).withSlowdown(TestJob.EDGE, 20);
  private static final Conditions EXPECTED = TestJob.uplink(0.02);
  private static final Diagnosis STATISTICS = TestJob.fade(FIRST, 0, NOW, EXPECTED);
  private static final Placement BETTER = TestJob.cuts(6, 6);

  /** Also recommends to go on from where the planner's own move leads. */
  private static final Diagnosis REVISION =
      TestJob.recommending(
          STATISTICS,
          new MoveLayers(TestJob.INITIAL, BETTER),
          new MoveLayers(TestJob.cuts(5, 5), BETTER));

  private static final Incident OVER =
      TestJob.incident(Incident.Phase.RESOLVED, FIRST + 3, List.of(), NOW, EXPECTED);

  /**
   * Before which intervals things arrive or happen; {@link #NEVER} for not at all.
   *
   * @param again a second copy of the revision
   * @param automatic the operator lets recovery act again
   */
  private record Course(
      long statistics, long revision, long again, long automatic, long over, long restart) {
    /** The last interval at whose tick the service takes its lease again. */
    boolean leased(long interval) {
      return restart == NEVER || interval < restart || interval > restart + 1;
    }

    /** At which tick something is to be decided on, if it ever is. */
    OptionalLong decided() {
      long known = Math.min(statistics, revision);
      return LongStream.rangeClosed(FIRST + 1, LAST)
          .filter(interval -> interval >= known && interval >= automatic && leased(interval))
          .findFirst();
    }

    /** The tick at which an action starts: in the interval of its end an incident is not over. */
    OptionalLong acts() {
      OptionalLong tick = decided();
      boolean late = tick.isPresent() && over <= tick.getAsLong() && tick.getAsLong() > FIRST + 3;
      return late ? OptionalLong.empty() : tick;
    }
  }

  private static Loop run(Course course) {
    Loop loop = Loop.healthy();
    loop.conditions = interval -> NOW;
    loop.tell(new SetMode(TestJob.ID, TestJob.START, Mode.OBSERVE)).run((int) FIRST);
    for (long interval = FIRST; interval <= LAST; interval++) {
      if (interval == course.revision()) {
        loop.tell(REVISION);
      }
      if (interval == course.statistics()) {
        loop.tell(STATISTICS);
      }
      if (interval == course.again()) {
        loop.tell(REVISION);
      }
      if (interval == course.over()) {
        loop.tell(OVER);
      }
      if (interval == course.automatic()) {
        loop.tell(new SetMode(TestJob.ID, TestJob.START, Mode.AUTOMATIC));
      }
      if (interval == course.restart()) {
        loop.restart();
      }
      loop.run(1);
    }
    return loop.run(60);
  }

  private static List<Course> courses() {
    List<Course> courses = new ArrayList<>();
    for (long statistics : List.of(FIRST, FIRST + 1, FIRST + 4)) {
      for (long revision : List.of(FIRST, FIRST + 1, FIRST + 2, FIRST + 3, FIRST + 7, NEVER)) {
        for (long again : List.of(FIRST + 2, FIRST + 6, NEVER)) {
          for (long automatic : List.of(FIRST, FIRST + 2, FIRST + 5)) {
            for (long over : List.of(FIRST + 3, FIRST + 4, NEVER)) {
              for (long restart : List.of(FIRST + 1, FIRST + 2, FIRST + 4, FIRST + 6, NEVER)) {
                if (again == NEVER || again > revision) {
                  courses.add(new Course(statistics, revision, again, automatic, over, restart));
                }
              }
            }
          }
        }
      }
    }
    return courses;
  }

  @Test
  void whatArrivesBeforeTheActionIsPlannedFromAndWhatArrivesLaterChangesNothing() {
    int replanned = 0;
    int tooLate = 0;
    int none = 0;
    for (Course course : courses()) {
      List<RecoveryPlan> plans = run(course).plans();
      OptionalLong tick = course.acts();
      assertThat(plans).as("%s", course).hasSize(tick.isPresent() ? 1 : 0);
      if (tick.isEmpty()) {
        none++;
        continue;
      }
      boolean known = course.revision() <= tick.getAsLong();
      assertThat(plans.get(0).plannedInterval()).as("%s", course).isEqualTo(tick.getAsLong());
      assertThat(plans.get(0).proposer())
          .as("%s", course)
          .isEqualTo(known ? Proposer.LANGUAGE_MODEL : Proposer.PLANNER);
      replanned += known ? 1 : 0;
      tooLate += known || course.revision() == NEVER ? 0 : 1;
    }
    assertThat(List.of(replanned, tooLate, none)).allMatch(count -> count > 50);
  }

  @Test
  void copyOfADiagnosisIsNotDecidedOnAgain() {
    Loop loop = Loop.healthy().run((int) FIRST);
    loop.tell(new SetMode(TestJob.ID, TestJob.START, Mode.OBSERVE));
    loop.tell(REVISION).run(2).tell(REVISION).tell(STATISTICS).run(2);
    assertThat(loop.declined).containsExactly("the operator set the mode to OBSERVE");
  }

  @Test
  void journalDoesNotShowThatARevisionCameTooLate() {
    Course late = new Course(FIRST, FIRST + 3, FIRST + 5, FIRST, NEVER, NEVER);
    Course never = new Course(FIRST, NEVER, NEVER, FIRST, NEVER, NEVER);
    assertThat(run(late).journal).isEqualTo(run(never).journal);
    assertThat(run(late).late).isEqualTo(2);
    assertThat(run(never).late).isZero();
  }
}
