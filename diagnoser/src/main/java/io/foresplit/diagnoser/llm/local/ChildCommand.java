package io.foresplit.diagnoser.llm.local;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How the child is started: this JVM's java and class path, with little heap and, where the system
 * has {@code nice}, at low priority.
 *
 * @param arguments of the main class; the folder for native files comes last
 */
record ChildCommand(Class<?> mainClass, List<String> arguments) {
  private static final String HEAP = "64m";
  private static final String NICENESS = "10";

  ChildCommand {
    arguments = List.copyOf(arguments);
  }

  static ChildCommand of(LocalModelConfig config) {
    return new ChildCommand(
        ModelChild.class,
        List.of(
            config.file().toString(),
            config.loraAdapter().map(Path::toString).orElse(""),
            Integer.toString(config.threads()),
            Integer.toString(config.contextTokens())));
  }

  List<String> words(Path scratch, Map<String, String> environment) {
    List<String> words = new ArrayList<>();
    nice(environment).ifPresent(nice -> words.addAll(List.of(nice.toString(), "-n", NICENESS)));
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.add("-Xmx" + HEAP);
    words.add("-XX:+UseSerialGC");
    words.add("-XX:TieredStopAtLevel=1");
    words.add("-XX:-CreateCoredumpOnCrash");
    words.add("-XX:ErrorFile=" + scratch.resolve("crash.log"));
    words.add("-Dde.kherud.llama.tmpdir=" + scratch);
    words.add(mainClass.getName());
    words.addAll(arguments);
    words.add(scratch.toString());
    return words;
  }

  private static Optional<Path> nice(Map<String, String> environment) {
    return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, "nice"))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
