package io.foresplit.runtime.security;

import io.foresplit.runtime.security.Refusals.Kind;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.util.Optional;

/** With mutual TLS: who calls must be named in the certificate as {@link CallRights} has it. */
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
    Optional<String> needed = CallRights.callerOf(call.getMethodDescriptor());
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
        Optional<String> claim = CallRights.claimOf(message);
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
}
