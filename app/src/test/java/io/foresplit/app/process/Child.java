package io.foresplit.app.process;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** What the tests start: a patient child, a stubborn one, or a parent that starts one. */
public final class Child {
  private Child() {}

  public static void main(String[] arguments) throws InterruptedException {
    ParentWatch.startIfChild();
    switch (arguments[0]) {
      case "stubborn" ->
          Runtime.getRuntime().addShutdownHook(new Thread(Child::waitForever, "stubborn"));
      case "parent" -> {
        boolean detached = Boolean.parseBoolean(arguments[2]);
        @SuppressWarnings("resource") // it is killed, never closed
        ChildProcesses children = new ChildProcesses(Path.of(arguments[1]));
        ChildProcess child =
            children.start(
                new ChildProcesses.Spec(
                    "grandchild", Child.class, "32m", List.of("patient"), detached));
        System.out.println("pid " + child.pid());
      }
      default -> {}
    }
    System.out.println("up");
    waitForever();
  }

  private static void waitForever() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
