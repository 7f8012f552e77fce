package io.foresplit.app.bench.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.foresplit.bench.data.DataFileException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The product and its peers on public data with known answers. */
@Command(
    name = "data",
    description = {
      "Measure this product beside its peers on public data with known answers, all",
      "in this run: anomaly detection on NAB, root cause on PetShop, forecasts on",
      "ETTh1 and NAB, planning on profiles of PipeDream; root cause in simulated shops; and",
      "forecasts of telemetry that was recorded. docs/peers.md says how DIR must look."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit bench data --data ../shared/data --only forecast"})
public final class DataCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = {
        "Folder with nab, petshop, etth and pipedream, or of what is asked for; not needed for",
        "shop."
      })
  private @Nullable Path data;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "TASK",
      description = {
        "detection, root-cause, shop, forecast, planning or telemetry; all but the",
        "last by default. Repeatable."
      })
  private List<String> only = new ArrayList<>();

  @Option(
      names = "--networks",
      paramLabel = "COUNT",
      description = "Random networks of the planning, ${DEFAULT-VALUE} by default.")
  private int networks = 40;

  @Option(names = "--seed", description = "Of all that is random; ${DEFAULT-VALUE} by default.")
  private long seed = 1;

  @Option(names = "--report", paramLabel = "FILE", description = "Write the measures as JSON.")
  private @Nullable Path report;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    if (networks < 1) {
      throw new ParameterException(spec.commandLine(), "--networks must be at least 1");
    }
    Set<Task> tasks = tasks();
    Path folder = data;
    if (folder == null && !tasks.equals(EnumSet.of(Task.SHOP))) {
      throw new ParameterException(
          spec.commandLine(), "--data DIR is needed for all but --only shop");
    }
    PrintWriter out = spec.commandLine().getOut();
    ObjectMapper json = new ObjectMapper();
    ObjectNode measures = json.createObjectNode();
    DataBench bench =
        new DataBench(
            folder == null ? Path.of("") : folder, networks, seed, System::nanoTime, out, measures);
    try {
      for (Task task : tasks) {
        bench.run(task);
      }
    } catch (DataFileException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
    Path file = report;
    if (file != null) {
      json.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), measures);
    }
    return 0;
  }

  private Set<Task> tasks() {
    if (only.isEmpty()) {
      return EnumSet.complementOf(EnumSet.of(Task.TELEMETRY));
    }
    Set<Task> tasks = EnumSet.noneOf(Task.class);
    for (String label : only) {
      try {
        tasks.add(Task.ofLabel(label));
      } catch (IllegalArgumentException e) {
        throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
      }
    }
    return tasks;
  }
}
