package io.foresplit.runtime.security;

import io.foresplit.runtime.proto.BeatRequest;
import io.foresplit.runtime.proto.Envelope;
import io.foresplit.runtime.proto.RegisterRequest;
import io.foresplit.runtime.proto.TrainingCoordinatorGrpc;
import io.foresplit.runtime.proto.TrainingNodeGrpc;
import io.foresplit.runtime.security.Refusals.Kind;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Optional;

/**
 * With mutual TLS: who calls must be named in the certificate. A node may speak for itself alone,
 * the coordinator commands nodes, a controller commands the coordinator. A method that is not named
 * here is a command.
 */
final class IdentityCheck implements ServerInterceptor {
  private static final int SHOWN = 63;

  private final Refusals refusals;

  IdentityCheck(Refusals refusals) {
    this.refusals = refusals;
  }

  @Override
  public <Q, A> Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Caller caller = Caller.of(call);
    Optional<String> needed = callerOf(call.getMethodDescriptor());
    if (needed.isPresent() && !caller.names().contains(needed.get())) {
      refusals.refuse(call, Kind.IDENTITY, wrong(caller, needed.get()));
      return new Listener<>() {};
    }
    return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
      private boolean refused;

      @Override
      public void onMessage(Q message) {
        if (refused) {
          return;
        }
        Optional<String> claim = claimOf(message);
        if (claim.isPresent() && !caller.names().contains(claim.get())) {
          refused = true;
          refusals.refuse(call, Kind.IDENTITY, wrong(caller, claim.get()));
          return;
        }
        super.onMessage(message);
      }

      @Override
      public void onHalfClose() {
        if (!refused) {
          super.onHalfClose();
        }
      }

      @Override
      public void onReady() {
        if (!refused) {
          super.onReady();
        }
      }
    };
  }

  private static String wrong(Caller caller, String needed) {
    String printable = needed.replaceAll("[^\\x20-\\x7e]", "?");
    return "the certificate must name '"
        + printable.substring(0, Math.min(SHOWN, printable.length()))
        + "', it names "
        + caller.names();
  }

  /** The name that the whole method is for; empty when the message or nobody decides. */
  private static Optional<String> callerOf(MethodDescriptor<?, ?> method) {
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
  private static Optional<String> claimOf(Object message) {
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
