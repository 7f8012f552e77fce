package io.foresplit.runtime.security;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.DiscardUnknownFieldsParser;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.grpc.BindableService;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Decodes what comes with less trust: each method has its own bound, looked at before anything is
 * decoded, and fields nobody knows are skipped, where the usual decoder would keep each in an
 * object that is many times its size.
 */
final class StrictMessages {
  private static final int RECURSION_LIMIT = 16;

  private StrictMessages() {}

  /** A service whose requests are so decoded. */
  static ServerServiceDefinition bind(BindableService service, Limits limits) {
    ServerServiceDefinition loose = service.bindService();
    List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
    for (ServerMethodDefinition<?, ?> method : loose.getMethods()) {
      methods.add(strict(method, limits));
    }
    ServiceDescriptor.Builder descriptor =
        ServiceDescriptor.newBuilder(loose.getServiceDescriptor().getName())
            .setSchemaDescriptor(loose.getServiceDescriptor().getSchemaDescriptor());
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    ServerServiceDefinition.Builder strict = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(strict::addMethod);
    return strict.build();
  }

  private static <Q, A> ServerMethodDefinition<Q, A> strict(
      ServerMethodDefinition<Q, A> method, Limits limits) {
    MethodDescriptor<Q, A> loose = method.getMethodDescriptor();
    int bound =
        loose.getType().clientSendsOneMessage() ? limits.controlBytes() : limits.dataBytes();
    ServerCallHandler<Q, A> handler = method.getServerCallHandler();
    return ServerMethodDefinition.create(
        loose.toBuilder().setRequestMarshaller(strict(loose.getRequestMarshaller(), bound)).build(),
        handler);
  }

  private static <Q> Marshaller<Q> strict(Marshaller<Q> loose, int bound) {
    if (loose instanceof PrototypeMarshaller<Q> known
        && known.getMessagePrototype() instanceof Message prototype) {
      Parser<? extends Message> parser = discarding(prototype.getParserForType());
      return new Marshaller<>() {
        @Override
        public InputStream stream(Q value) {
          return loose.stream(value);
        }

        @Override
        public Q parse(InputStream stream) {
          return known.getMessageClass().cast(decode(parser, stream, bound));
        }
      };
    }
    throw new IllegalArgumentException("not a service of Protocol Buffers: " + loose);
  }

  private static <M extends Message> Parser<M> discarding(Parser<M> parser) {
    return DiscardUnknownFieldsParser.wrap(parser);
  }

  private static Message decode(Parser<? extends Message> parser, InputStream stream, int bound) {
    try {
      int length = stream instanceof KnownLength ? stream.available() : Integer.MAX_VALUE;
      if (length > bound) {
        throw Status.RESOURCE_EXHAUSTED
            .withDescription("a message must be at most " + bound + " bytes, was " + length)
            .asRuntimeException();
      }
      CodedInputStream in = CodedInputStream.newInstance(stream);
      int unused = in.setRecursionLimit(RECURSION_LIMIT);
      Message message = parser.parseFrom(in, ExtensionRegistryLite.getEmptyRegistry());
      in.checkLastTagWas(0);
      return message;
    } catch (InvalidProtocolBufferException e) {
      throw Status.INVALID_ARGUMENT
          .withDescription("a message is no valid one: " + e.getMessage())
          .asRuntimeException();
    } catch (IOException e) {
      throw Status.INTERNAL.withDescription(String.valueOf(e.getMessage())).asRuntimeException();
    }
  }
}
