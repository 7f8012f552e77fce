package io.foresplit.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.foresplit.app.config.LlmConfig;
import io.foresplit.app.config.ModelsFolder;
import io.foresplit.app.config.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoModelTest {
  @TempDir private Path folder;

  private DemoModel find(String... wanted) {
    return DemoModel.find(
        wanted.length == 0 ? Optional.empty() : Optional.of(wanted[0]), new ModelsFolder(folder));
  }

  private Path pulled(String name) throws IOException {
    return Files.writeString(folder.resolve(name), "GGUF and more");
  }

  @Test
  void withoutAModelItSaysHowToGetOne() {
    assertThat(find().config().enabled()).isFalse();
    assertThat(find().told())
        .isEqualTo(
            "none, statistics alone (for one that explains: ./foresplit model pull smollm2-135m)");
  }

  @Test
  void theFirstOneThatIsThereRunsOnThisMachine() throws Exception {
    pulled("tall.gguf");
    Path small = pulled("small.gguf");
    DemoModel model = find();
    assertThat(model.config().provider()).isEqualTo(LlmConfig.Provider.LOCAL);
    assertThat(model.config().local().orElseThrow().file()).isEqualTo(small);
    assertThat(model.told()).startsWith("small, on this machine");
    assertThat(find("tall").told()).startsWith("tall, on this machine");
    assertThat(find("none").config().enabled()).isFalse();
    assertThat(find("none").told()).isEqualTo("none, statistics alone");
  }

  @Test
  void oneThatIsNotThereIsToldInOneLine() {
    assertThatThrownBy(() -> find("large"))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("--model large: expected a GGUF file, the name of a model in ")
        .hasMessageContaining("model pull smollm2-135m")
        .hasMessageNotContaining("\n");
  }
}
