package io.foresplit.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of docs/architecture.md. */
class ArchitectureTest {
  private static final String ROOT = "io.foresplit.";
  private static JavaClasses classes;

  @BeforeAll
  static void read() {
    ImportOption noTestJars = location -> !location.contains("-tests.jar");
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(noTestJars)
            .importPackages("io.foresplit");
  }

  private static String all(String room) {
    return ROOT + room + "..";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "contract",
        "collector",
        "forecaster",
        "diagnoser",
        "recovery",
        "runtime",
        "bench",
        "app"
      })
  void everyRoomIsThere(String room) {
    assertThat(classes.stream().filter(c -> c.getPackageName().startsWith(ROOT + room)))
        .isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"collector", "forecaster", "diagnoser", "recovery", "runtime"})
  void aStageDependsOnTheContractAlone(String stage) {
    String[] others =
        Stream.of("collector", "forecaster", "diagnoser", "recovery", "runtime", "bench", "app")
            .filter(room -> !room.equals(stage))
            .map(ArchitectureTest::all)
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(all(stage))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others)
        .check(classes);
  }

  @Test
  void theContractDependsOnNoRoom() {
    noClasses()
        .that()
        .resideInAPackage(all("contract"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            all("collector"),
            all("forecaster"),
            all("diagnoser"),
            all("recovery"),
            all("runtime"),
            all("bench"),
            all("app"))
        .check(classes);
  }

  @Test
  void theSuiteDoesNotDependOnTheProgram() {
    noClasses()
        .that()
        .resideInAPackage(all("bench"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(all("app"))
        .check(classes);
  }

  @ParameterizedTest
  @CsvSource({
    "org.apache.kafka.streams.., io.foresplit.*.stream..|io.foresplit.app.service..|"
        + "io.foresplit.app.bench.pipeline..",
    "org.apache.kafka.clients.., io.foresplit.*.kafka..|io.foresplit.*.stream..|"
        + "io.foresplit.app.service..|io.foresplit.app.bench.pipeline..",
    "kafka.., io.foresplit.app.kafka..",
    "dev.langchain4j.., io.foresplit.diagnoser.llm..",
    "de.kherud.llama.., io.foresplit.diagnoser.llm.local..",
    "ai.onnxruntime.., io.foresplit.forecaster.model..|io.foresplit.diagnoser.llm.embedding..",
    "org.tribuo.., io.foresplit.*.model..",
    "com.oracle.labs.mlrg.olcut.., io.foresplit.*.model..",
    "ai.djl.., io.foresplit.runtime.tensor..",
    "io.grpc.., io.foresplit.runtime..",
    "io.prometheus.., io.foresplit.app..",
    "io.javalin.., io.foresplit.app.http..",
    "picocli.., io.foresplit.app..",
    "com.amazon.randomcutforest.., io.foresplit.bench.peer..",
  })
  void aVendorStaysInItsRoom(String vendor, String rooms) {
    noClasses()
        .that()
        .resideOutsideOfPackages(rooms.split("\\|"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(vendor)
        .check(classes);
  }

  @Test
  void onlyNodesAndTheProgramSeeTheInjectedFault() {
    noClasses()
        .that()
        .resideOutsideOfPackages(
            all("runtime.fault"), all("runtime.node"), all("runtime.sim"), all("bench"), all("app"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(all("runtime.fault"))
        .check(classes);
  }

  /** The service's own parts, wired by {@code app}, must not see it either. */
  @Test
  void theFaultDoesNotReachTheServiceThroughTheApp() {
    noClasses()
        .that()
        .resideInAnyPackage(
            all("app.config"),
            all("app.http"),
            all("app.kafka"),
            all("app.metrics"),
            all("app.view"),
            all("app.process"),
            all("app.service"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(all("runtime.fault"), all("app.demo"), all("bench"))
        .check(classes);
  }

  @Test
  void namesSayWhatAThingIs() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.foresplit..proto..")
        .should()
        .haveSimpleNameEndingWith("Utils")
        .orShould()
        .haveSimpleNameEndingWith("Util")
        .orShould()
        .haveSimpleNameEndingWith("Manager")
        .orShould()
        .haveSimpleNameEndingWith("Helper")
        .orShould()
        .haveSimpleNameEndingWith("Impl")
        .check(classes);
  }

  @Test
  void theProgramsPartsHaveNoCycles() {
    slices().matching("io.foresplit.app.(*)..").should().beFreeOfCycles().check(classes);
  }
}
