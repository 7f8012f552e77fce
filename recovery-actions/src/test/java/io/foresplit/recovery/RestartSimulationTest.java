package io.foresplit.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.contract.ActionId;
import io.foresplit.contract.ActionOutcome;
import io.foresplit.contract.Conditions;
import io.foresplit.contract.JournalEntry;
import io.foresplit.recovery.FakeRuntime.Script;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The service dies at every point of an action: before and after each journal entry and each call.
 * What must hold afterwards is checked by {@link #invariants}.
 */
class RestartSimulationTest {
  private static final Conditions FADED = TestJob.uplink(0.05);

  @ParameterizedTest
  @EnumSource(Script.class)
  void actionEndsOnceWhereverTheServiceDies(Script script) {
    Loop undisturbed = run(script, 5, -1);
    for (int point = 0; point < undisturbed.points; point++) {
      Loop crashed = run(script, 5, point);
      String scenario = script + ", died at point " + point;
      assertThat(crashed.crashes).as(scenario).isEqualTo(1);
      invariants(crashed, scenario);
      assertThat(crashed.ends()).as(scenario).isEqualTo(undisturbed.ends());
      assertThat(crashed.runtime.commits()).as(scenario).isEqualTo(undisturbed.runtime.commits());
    }
  }

  /** A move that makes it worse, so that it is also undone. */
  private static Loop run(Script script, double surprise, int crashPoint) {
    Loop loop = Loop.healthy();
    loop.runtime.then(script);
    loop.surprise = placement -> placement.equals(TestJob.INITIAL) ? 1 : surprise;
    loop.crashAt = point -> point == crashPoint;
    return loop.run(20).tellFade(0, FADED).run(60);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
  void manyFaultsManyCrashes(long firstSeed) {
    for (long seed = firstSeed * 1_000; seed < firstSeed * 1_000 + 20; seed++) {
      Random random = new Random(seed);
      Loop loop = Loop.healthy();
      List<Script> all = List.of(Script.values());
      Script[] scripts = new Script[12];
      for (int i = 0; i < scripts.length; i++) {
        scripts[i] = all.get(random.nextInt(all.size()));
      }
      loop.runtime.then(scripts);
      double surprise = 1 + 4 * random.nextDouble();
      long fragile = random.nextLong(3, 9);
      loop.surprise = p -> p.describe().hashCode() % 2 == 0 ? 1 : surprise;
      loop.crashAt = point -> point < 200 && random.nextInt((int) fragile) == 0;
      loop.conditions =
          interval -> TestJob.uplink(Math.max(0.05, 1 - Math.max(0, interval - 30) / 60.0));
      loop.run(30);
      for (int revision = 0; revision < 8; revision++) {
        loop.runtime.reachable(random.nextInt(5) > 0);
        loop.tellFade(revision, TestJob.uplink(0.05 + 0.4 * random.nextDouble())).run(15);
      }
      loop.runtime.reachable(true);
      loop.crashAt = point -> false;
      loop.run(150);
      invariants(loop, "seed " + seed);
    }
  }

  private static void invariants(Loop loop, String scenario) {
    List<ActionId> commits = loop.runtime.commits();
    assertThat(commits).as("%s: one commit an action id", scenario).doesNotHaveDuplicates();
    assertThat(loop.runtime.topology().epoch())
        .as("%s: every commit is an epoch", scenario)
        .isEqualTo(commits.size());

    JournalState state = new JournalState();
    for (int offset = 0; offset < loop.journal.size(); offset++) {
      state.apply(loop.journal.get(offset), offset);
    }
    assertThat(state.actions().map(JournalState.Action::state))
        .as("%s: every action ends", scenario)
        .allMatch(ActionState::isFinal);

    Set<ActionId> executed = new HashSet<>();
    loop.entries(JournalEntry.Executed.class).forEach(entry -> executed.add(entry.action()));
    assertThat(executed)
        .as("%s: the journal knows exactly the moves the runtime made", scenario)
        .isEqualTo(new HashSet<>(commits));
    assertThat(loop.outcomes().stream().map(ActionOutcome::plan))
        .as("%s: one outcome an action", scenario)
        .doesNotHaveDuplicates();
  }
}
