package io.foresplit.runtime.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitedExecutorTest {
  private final Deque<Runnable> threads = new ArrayDeque<>();
  private final LimitedExecutor executor = new LimitedExecutor(threads::add, 2);
  private final List<Integer> done = new ArrayList<>();

  @Test
  void neverMoreThanTheLimitAndEveryTaskInTurn() {
    for (int i = 0; i < 5; i++) {
      int task = i;
      executor.execute(() -> done.add(task));
    }
    assertThat(threads).hasSize(2);

    threads.remove().run();
    assertThat(done).containsExactly(0, 2, 3, 4);
    threads.remove().run();
    assertThat(done).containsExactly(0, 2, 3, 4, 1);

    executor.execute(() -> done.add(5));
    threads.remove().run();
    assertThat(done).endsWith(5);
    assertThat(threads).isEmpty();
  }

  @Test
  void aTaskThatFailsTakesNobodysPlace() {
    executor.execute(
        () -> {
          throw new IllegalStateException("a bug");
        });
    executor.execute(() -> done.add(1));
    executor.execute(() -> done.add(2));

    assertThatThrownBy(() -> threads.remove().run()).hasMessage("a bug");
    threads.remove().run();
    threads.remove().run();
    assertThat(done).containsExactly(1, 2);
    executor.execute(() -> done.add(3));
    executor.execute(() -> done.add(4));
    assertThat(threads).hasSize(2);
  }
}
