package io.foresplit.app.kind;

import io.foresplit.app.config.AppConfig;
import io.foresplit.app.config.ConfigException;
import io.foresplit.app.config.LlmConfig;
import io.foresplit.bench.diagnosis.DiagnosisSampler;
import io.foresplit.bench.diagnosis.DiagnosisTable;
import io.foresplit.bench.diagnosis.ModelCase;
import io.foresplit.bench.diagnosis.ModelTable;
import io.foresplit.bench.scenario.Suite;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How often diagnoses are right, also when the onset is not. */
@Command(
    name = "diagnoses",
    description = {
      "Judge the diagnoses of the service in scenarios, in virtual time: with the",
      "onset of each incident as it is estimated, and half a minute off. With --llm,",
      "judge beside statistics the language model that is configured by environment",
      "variables (FORESPLIT_LLM_PROVIDER and others), alone and together."
    },
    mixinStandardHelpOptions = true,
    footer = {"", "Example: foresplit bench diagnoses --suite standard"})
public final class BenchDiagnosesCommand implements Callable<Integer> {
  private static final int TOLD_EACH = 10;

  @Mixin private SuiteOption suiteOption = new SuiteOption();

  @Option(names = "--wrong", description = "Also list the incidents that are named wrong.")
  private boolean wrong;

  @Option(
      names = "--llm",
      paramLabel = "N",
      description = "Ask the configured language model about N incidents, spread evenly over all.")
  private @Nullable Integer asked;

  @Mixin private Worlds worlds = new Worlds();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Override
  public Integer call() {
    Suite suite = suiteOption.suite();
    Integer incidents = asked;
    if (incidents != null) {
      return judgeModel(suite, incidents);
    }
    DiagnosisTable table = DiagnosisTable.of(DiagnosisSampler.sample(worlds.of(suite, 1, spec)));
    PrintWriter out = spec.commandLine().getOut();
    out.println("Diagnoses in the suite " + suite.label() + ", seeds " + worlds.seeds(suite));
    out.println();
    table.lines().forEach(out::println);
    if (wrong) {
      out.println();
      table.wrong().forEach(out::println);
    }
    out.flush();
    return 0;
  }

  private int judgeModel(Suite suite, int incidents) {
    if (incidents < 1) {
      throw new ParameterException(
          spec.commandLine(), "--llm must be at least 1, was " + incidents);
    }
    LlmConfig config;
    try {
      config = AppConfig.fromEnvironment(System.getenv()).llm();
    } catch (ConfigException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()));
    }
    if (!config.enabled()) {
      throw new ParameterException(
          spec.commandLine(),
          "--llm: no language model is configured: set FORESPLIT_LLM_PROVIDER and"
              + " FORESPLIT_LLM_MODEL");
    }
    PrintWriter out = spec.commandLine().getOut();
    List<ModelCase> cases = ModelCase.sample(worlds.of(suite, 1, spec), incidents);
    out.println(
        cases.size()
            + " incidents of the suite "
            + suite.label()
            + ", seeds "
            + worlds.seeds(suite)
            + ", model "
            + config.model());
    out.flush();
    try (ModelJudge judge = new ModelJudge(config)) {
      List<ModelTable.Said> said = new ArrayList<>();
      for (ModelCase one : cases) {
        said.add(judge.ask(one));
        if (said.size() % TOLD_EACH == 0) {
          out.println(said.size() + " of " + cases.size() + " asked");
          out.flush();
        }
      }
      out.println();
      ModelTable.lines(said).forEach(out::println);
      judge.lines().forEach(out::println);
    }
    out.flush();
    return 0;
  }
}
