package io.foresplit.runtime.security;

import io.foresplit.runtime.security.Refusals.Kind;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCall.Listener;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Lets no call in without the join token. Thread-safe. */
final class TokenCheck implements ServerInterceptor {
  private final JoinToken token;
  private final Refusals refusals;

  TokenCheck(JoinToken token, Refusals refusals) {
    this.token = token;
    this.refusals = refusals;
  }

  @Override
  public <Q, A> Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String shown = headers.get(JoinToken.HEADER);
    if (token.matches(shown)) {
      return next.startCall(call, headers);
    }
    refusals.refuse(
        call,
        Kind.TOKEN,
        shown == null
            ? "the join token is missing (give --token-file or --token-env)"
            : "the join token is not the one of this job");
    return new Listener<>() {};
  }
}
