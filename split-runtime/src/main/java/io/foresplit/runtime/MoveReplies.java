package io.foresplit.runtime;

import io.foresplit.contract.TrainingRuntime.MoveResult;
import io.foresplit.contract.TrainingRuntime.State;
import io.foresplit.runtime.proto.MoveReply;
import java.io.IOException;

/** Results of moves on the wire and on disk. */
public final class MoveReplies {
  private MoveReplies() {}

  /** The message of a result. */
  public static MoveReply encode(MoveResult result) {
    return MoveReply.newBuilder()
        .setState(
            switch (result.state()) {
              case COMMITTED -> MoveReply.State.COMMITTED;
              case ABORTED -> MoveReply.State.ABORTED;
              case REFUSED -> MoveReply.State.REFUSED;
              case IN_PROGRESS -> MoveReply.State.IN_PROGRESS;
            })
        .setEpoch(result.epoch())
        .setPauseMillis(result.pauseMillis())
        .setMovedBytes(result.movedBytes())
        .setDetail(result.detail())
        .setDurationMillis(result.durationMillis())
        .build();
  }

  /** The result in a message. */
  public static MoveResult decode(MoveReply reply) throws IOException {
    State state =
        switch (reply.getState()) {
          case COMMITTED -> State.COMMITTED;
          case ABORTED -> State.ABORTED;
          case REFUSED -> State.REFUSED;
          case IN_PROGRESS -> State.IN_PROGRESS;
          case STATE_UNSPECIFIED, UNRECOGNIZED ->
              throw new IOException("the result of a move has no known state");
        };
    return new MoveResult(
        state,
        reply.getEpoch(),
        reply.getPauseMillis(),
        reply.getMovedBytes(),
        reply.getDetail(),
        reply.getDurationMillis());
  }
}
