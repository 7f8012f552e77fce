package io.foresplit.runtime.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.runtime.proto.StepRecord;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ProgressLogTest {
  private final ProgressLog log = new ProgressLog();

  @Test
  void stepsThatAreDoneAgainCountOnce() {
    log.add(0, steps(0, 0, 27));

    log.redo(20, 1);
    assertThat(log.nextStep()).isEqualTo(20);
    log.add(15, steps(0, 15, 30)); // told late, of before the recovery
    assertThat(log.nextStep()).isEqualTo(20);
    log.add(20, steps(1, 20, 30));

    assertThat(log.since(0, 100))
        .extracting(StepRecord::getStep)
        .hasSize(30)
        .doesNotHaveDuplicates();
    assertThat(log.since(19, 2)).extracting(StepRecord::getEpoch).containsExactly(0L, 1L);
  }

  @Test
  void stepsBeforeTheRecoveryPointAreStillLearned() {
    log.add(0, steps(0, 0, 12));

    log.redo(20, 1);
    log.add(12, steps(0, 12, 20));
    log.add(20, steps(1, 20, 22));

    assertThat(log.nextStep()).isEqualTo(22);
    assertThat(log.since(0, 100)).hasSize(22);
  }

  @Test
  void aLogThatWasAskedForBeforeARecoveryLeavesNoGap() {
    log.add(0, steps(0, 0, 27));

    log.redo(20, 1);
    log.add(27, steps(1, 27, 30));
    assertThat(log.nextStep()).isEqualTo(20);
    log.add(20, steps(1, 20, 30));

    assertThat(log.since(0, 100)).hasSize(30);
  }

  private static List<StepRecord> steps(long epoch, long from, long to) {
    return LongStream.range(from, to)
        .mapToObj(step -> StepRecord.newBuilder().setStep(step).setEpoch(epoch).build())
        .toList();
  }
}
