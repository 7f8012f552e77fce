package io.foresplit.diagnoser.llm.local;

import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What the tests start in place of a model; how it behaves is its first argument. */
public final class FakeChild {
  private static final OutputStream OUTPUT = new FileOutputStream(FileDescriptor.out);

  private final String behaviour;
  private final Path scratch;

  private FakeChild(String behaviour, Path scratch) {
    this.behaviour = behaviour;
    this.scratch = scratch;
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments[0].equals("unloadable")) {
      say(Reply.unloadable("no such file"));
      return;
    }
    if (arguments[0].equals("slow")) {
      int port = Integer.parseInt(arguments[1]);
      try (Socket gate = new Socket(InetAddress.getLoopbackAddress(), port)) {
        int unused = gate.getInputStream().read();
      }
    }
    print("loading…\n");
    say(Reply.ready());
    if (arguments[0].equals("deaf")) {
      waitForever();
    }
    new FakeChild(arguments[0], Path.of(arguments[arguments.length - 1])).listen();
    // as the real one: nothing outlives the parent
    Runtime.getRuntime().halt(0);
  }

  private void listen() throws Exception {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    int open = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      Wire.Order order = Wire.order(line);
      Optional<Question> question = order.question();
      if (question.isPresent()) {
        open = question.get().id();
        answer(question.get());
      } else if (behaviour.equals("patient") && order.cancelled() == open) {
        say(Reply.piece(open, "too late"));
        say(Reply.end(open, 3, 2));
      }
    }
  }

  private void answer(Question question) throws Exception {
    int id = question.id();
    switch (behaviour) {
      case "crash" -> {
        say(Reply.piece(id, "{\"ca"));
        print("# SIGSEGV (0xb) at pc=0x0\n");
        Runtime.getRuntime().halt(134);
      }
      case "patient" -> say(Reply.piece(id, pid()));
      case "stall" -> {}
      case "flood" -> {
        while (true) {
          say(Reply.piece(id, "and so on "));
        }
      }
      case "noise" -> {
        while (true) {
          print("llama_decode: something is odd\n");
        }
      }
      case "endless line" -> {
        print("\u0001");
        while (true) {
          print("{\"kind\":");
        }
      }
      case "broken" -> print("\u0001{\"kind\": \"pie\n");
      case "unknown" -> print("\u0001{\"kind\": \"gone\", \"id\": " + id + "}\n");
      case "other" -> say(Reply.piece(id + 1, "an answer to something else"));
      case "refuse" -> say(Reply.refused(id, "the prompt has 9 tokens"));
      case "scratch" -> {
        Files.writeString(scratch.resolve("library.so"), "native");
        say(Reply.piece(id, scratch.toString()));
        say(Reply.end(id, 1, 1));
      }
      default -> {
        print("noise before ");
        say(Reply.piece(id, pid() + ":"));
        print("noise between\n");
        say(Reply.piece(id, question.turns().get(question.turns().size() - 1).text()));
        say(Reply.end(id, 7, 2));
      }
    }
  }

  private static String pid() {
    return Long.toString(ProcessHandle.current().pid());
  }

  private static void say(Reply reply) throws IOException {
    OUTPUT.write(Wire.encode(reply));
  }

  private static void print(String text) throws IOException {
    OUTPUT.write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void waitForever() throws InterruptedException {
    Thread.currentThread().join();
  }
}
