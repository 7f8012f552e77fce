package io.foresplit.runtime.node;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.contract.NodeId;
import io.foresplit.runtime.proto.Fence;
import org.junit.jupiter.api.Test;

class CommandFenceTest {
  private final CommandFence fence = new CommandFence(new NodeId("edge"));

  @Test
  void aCoordinatorOrControllerBeforeTheLastOneIsNotObeyed() {
    fence.admit(of(1, 4));
    fence.admit(of(2, 4));
    fence.admit(of(2, 7));

    assertThatThrownBy(() -> fence.admit(of(1, 9)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "node edge obeys life 2 of the coordinator and term 7, the command was of life 1 and"
                + " term 9");
    assertThatThrownBy(() -> fence.admit(of(3, 6))).isInstanceOf(IllegalStateException.class);
    // what was refused has not moved the fence
    assertThatCode(() -> fence.admit(of(2, 7))).doesNotThrowAnyException();
  }

  private static Fence of(long life, long term) {
    return Fence.newBuilder().setLife(life).setTerm(term).build();
  }
}
