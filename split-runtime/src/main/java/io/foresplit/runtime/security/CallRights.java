package io.foresplit.runtime.security;

import io.foresplit.runtime.proto.BeatRequest;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.RegisterRequest;
import io.foresplit.runtime.proto.TrainingCoordinatorGrpc;
import io.foresplit.runtime.proto.TrainingNodeGrpc;
import io.grpc.MethodDescriptor;
import java.util.Optional;

/**
 * Whose certificate a call needs: a node may speak for itself alone, the coordinator commands
 * nodes, a controller commands the coordinator. A method that is not named here is a command. Pure.
 */
final class CallRights {
  private CallRights() {}

  /** The name that the whole method is for; empty when the message or nobody decides. */
  static Optional<String> callerOf(MethodDescriptor<?, ?> method) {
    if (sameName(method, TrainingNodeGrpc.getExchangeMethod())
        || sameName(method, TrainingCoordinatorGrpc.getRegisterMethod())
        || sameName(method, TrainingCoordinatorGrpc.getBeatMethod())
        || sameName(method, TrainingCoordinatorGrpc.getGetTopologyMethod())) {
      return Optional.empty();
    }
    return Optional.of(
        TrainingNodeGrpc.SERVICE_NAME.equals(method.getServiceName())
            ? GrpcSecurity.COORDINATOR
            : GrpcSecurity.CONTROLLER);
  }

  /** The node a message claims to come from; empty when it claims nothing. */
  static Optional<String> claimOf(Object message) {
    if (message instanceof RegisterRequest request) {
      return Optional.of(request.getNode());
    }
    if (message instanceof BeatRequest request) {
      return Optional.of(request.getNode());
    }
    if (message instanceof Envelope envelope) {
      return Optional.of(envelope.getSender());
    }
    return Optional.empty();
  }

  private static boolean sameName(MethodDescriptor<?, ?> one, MethodDescriptor<?, ?> other) {
    return one.getFullMethodName().equals(other.getFullMethodName());
  }
}
