package io.foresplit.app;

import io.foresplit.app.config.StartupException;
import io.foresplit.app.process.ParentWatch;
import io.foresplit.contract.ComponentId;
import io.foresplit.contract.NodeId;
import io.foresplit.contract.jobfile.JobFile;
import io.foresplit.contract.jobfile.JobFileException;
import io.foresplit.runtime.Rpc;
import io.foresplit.runtime.link.GeneratedTrace;
import io.foresplit.runtime.link.RateTrace;
import io.foresplit.runtime.link.RecordedTrace;
import io.foresplit.runtime.node.NodeOptions;
import io.foresplit.runtime.node.NodeProcess;
import io.foresplit.runtime.tensor.ModelDefinition;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs one node of a job. */
@Command(
    name = "node",
    description = {"Run one node of a job: it trains the layers the coordinator gives it."},
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit node --id edge --coordinator 127.0.0.1:7400"})
final class NodeCommand implements Callable<Integer> {
  @Option(names = "--id", required = true, description = "Which node of the job this is.")
  private String id = "";

  @Option(
      names = "--coordinator",
      required = true,
      paramLabel = "HOST:PORT",
      description = "The job's coordinator.")
  private String coordinator = "";

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      description = "Address to listen on and to tell the other nodes, ${DEFAULT-VALUE}.")
  private String host = Rpc.DEFAULT_HOST;

  @Option(
      names = "--dataset",
      paramLabel = "PATH",
      description = {
        "Folder of Fashion-MNIST in IDX files, or a text file in UTF-8 for a transformer; without",
        "it the node draws its data."
      })
  private @Nullable Path dataset;

  @Option(
      names = "--trace-seed",
      paramLabel = "SEED",
      description = "Let link rates vary as a generated trace; without it they are constant.")
  private @Nullable Long traceSeed;

  @Option(
      names = "--job",
      paramLabel = "FILE",
      description = {
        "Job file whose link traces this node's links follow; trace files are looked for beside it.",
        "Without it links are as declared."
      })
  private @Nullable Path job;

  @Option(names = "--fault", paramLabel = "FILE", description = "Faults to inject, for tests.")
  private @Nullable Path fault;

  @Option(names = "--kafka", paramLabel = "HOST:PORT", description = "Where to send reports.")
  private @Nullable String kafka;

  @Override
  public Integer call() throws Exception {
    if (InetAddress.getByName(host).isAnyLocalAddress()) {
      throw new StartupException(
          "--host must be one address of this node, which the other nodes can reach, was " + host);
    }
    ParentWatch.startIfChild();
    NodeOptions options =
        NodeOptions.of(new NodeId(id), coordinator)
            .withHost(host)
            .withDataset(Optional.ofNullable(dataset))
            .withFaults(Optional.ofNullable(fault))
            .withKafka(Optional.ofNullable(kafka));
    Long seed = traceSeed;
    Path jobFile = job;
    if (jobFile != null) {
      Map<ComponentId, RateTrace> traces = traces(jobFile);
      options = options.withTraces(registered -> traces);
    } else if (seed != null) {
      options = options.withTraces(registered -> GeneratedTrace.forLinks(registered, seed));
    }
    NodeProcess process = NodeProcess.start(options, InstantSource.system(), System::nanoTime);
    Runtime.getRuntime().addShutdownHook(new Thread(process::close, "close-node"));
    process.awaitTermination();
    return 0;
  }

  private static Map<ComponentId, RateTrace> traces(Path jobFile)
      throws JobFileException, IOException {
    JobFile file =
        JobFile.read(jobFile, (model, batch) -> ModelDefinition.named(model).profile(batch));
    Map<ComponentId, RateTrace> traces = new TreeMap<>();
    for (Map.Entry<ComponentId, String> trace : file.traces().entrySet()) {
      try {
        traces.put(trace.getKey(), RecordedTrace.fromCsv(jobFile.resolveSibling(trace.getValue())));
      } catch (IllegalArgumentException e) {
        throw new StartupException(String.valueOf(e.getMessage()), e);
      }
    }
    return traces;
  }
}
