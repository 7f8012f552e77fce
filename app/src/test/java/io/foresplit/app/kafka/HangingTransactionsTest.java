package io.foresplit.app.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HangingTransactionsTest {
  private static final TopicPartition CHANGELOG = new TopicPartition("changelog", 0);
  private static final TopicPartition OFFSETS = new TopicPartition("__consumer_offsets", 0);
  private static final ProducerState OPEN =
      new ProducerState(7, 42, 31, 0, OptionalInt.of(2), OptionalLong.of(190));

  @Test
  void whatTheCoordinatorHoldsForOverAndAPartitionForOpenHangs() {
    assertThat(
            HangingTransactions.hanging(
                List.of(new TransactionListing("diagnoser", 7, TransactionState.COMPLETE_COMMIT)),
                Map.of(CHANGELOG, with(OPEN), OFFSETS, with(OPEN))))
        .containsExactlyInAnyOrder(
            new AbortTransactionSpec(CHANGELOG, 7, (short) 42, 2),
            new AbortTransactionSpec(OFFSETS, 7, (short) 42, 2));
  }

  @ParameterizedTest
  @EnumSource(
      value = TransactionState.class,
      names = {"ONGOING", "PREPARE_COMMIT", "PREPARE_ABORT", "PREPARE_EPOCH_FENCE", "UNKNOWN"})
  void whatTheCoordinatorWillEndDoesNot(TransactionState state) {
    assertThat(
            HangingTransactions.hanging(
                List.of(new TransactionListing("diagnoser", 7, state)),
                Map.of(CHANGELOG, with(OPEN))))
        .isEmpty();
  }

  @Test
  void whatIsOverInThePartitionTooDoesNot() {
    ProducerState done = new ProducerState(7, 43, -1, 0, OptionalInt.of(2), OptionalLong.empty());
    assertThat(
            HangingTransactions.hanging(
                List.of(new TransactionListing("diagnoser", 7, TransactionState.COMPLETE_COMMIT)),
                Map.of(CHANGELOG, with(done))))
        .isEmpty();
  }

  private static PartitionProducerState with(ProducerState producer) {
    return new PartitionProducerState(List.of(producer));
  }
}
