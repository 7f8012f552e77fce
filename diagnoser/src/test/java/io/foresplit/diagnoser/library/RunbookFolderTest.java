package io.foresplit.diagnoser.library;

import static org.assertj.core.api.Assertions.assertThat;

import io.foresplit.diagnoser.library.Library.Shelf;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunbookFolderTest {
  private final List<String> problems = new ArrayList<>();

  private Runbooks with(Path... folders) {
    return Runbooks.bundled().with(List.of(folders), problems::add);
  }

  @Test
  void filesAreAboutTheCauseTheyAreNamedAfter(@TempDir Path folder) throws Exception {
    Path own = Files.createDirectory(folder.resolve("plant 2"));
    Files.writeString(own.resolve("uplink-fade.md"), "# Mast\nTurn the antenna.");
    Files.writeString(own.resolve("Uplink-Fade-north.md"), "# North mast\nCall the tower.");
    Files.writeString(own.resolve("printer.md"), "# Printer\nOut of paper.");
    Files.writeString(own.resolve("notes.txt"), "no runbook");

    Runbooks runbooks = with(own);

    assertThat(problems).isEmpty();
    assertThat(runbooks.about("uplink-fade"))
        .extracting(Runbook::source)
        .containsExactly(
            "runbook:uplink-fade",
            "runbook:plant_2/Uplink-Fade-north",
            "runbook:plant_2/uplink-fade");
    assertThat(runbooks.about("printer")).extracting(Runbook::title).containsExactly("Printer");
    assertThat(runbooks.pages())
        .contains(
            new Page(
                Shelf.RUNBOOKS,
                "runbook:plant_2/uplink-fade",
                "uplink-fade",
                "Mast",
                "Turn the antenna."));
  }

  @Test
  void foldersOfOneNameStayApart(@TempDir Path folder) throws Exception {
    for (String parent : List.of("a", "b")) {
      Path own = Files.createDirectories(folder.resolve(parent).resolve("site"));
      Files.writeString(own.resolve("x.md"), "# " + parent + "\ntext");
    }
    assertThat(with(folder.resolve("a/site"), folder.resolve("b/site")).about("x"))
        .extracting(Runbook::source)
        .containsExactly("runbook:site/x", "runbook:site/x~2");
  }

  @Test
  void whatCannotBeReadIsOneLineAndTheRestIsThere(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("good.md"), "# Good\ntext");
    Files.writeString(folder.resolve("large.md"), "# Large\n" + "x".repeat(64 * 1024));
    Files.writeString(folder.resolve("just.md"), "# J\n" + "x".repeat(64 * 1024 - 4));
    Files.write(folder.resolve("latin.md"), "# Störung".getBytes(StandardCharsets.ISO_8859_1));
    Files.writeString(folder.resolve("prose.md"), "no heading at all");
    Files.writeString(folder.resolve("binary.md"), "# A\n\0\1\2");
    Files.createDirectory(folder.resolve("sub.md"));

    Runbooks runbooks = with(folder);

    assertThat(runbooks.subjects()).contains("good", "just").doesNotContain("large", "latin");
    assertThat(problems)
        .containsExactly(
            "runbook "
                + folder.resolve("binary.md")
                + " is not Markdown with a heading: begin it with a line such as '# Link fades'",
            "runbook "
                + folder.resolve("large.md")
                + " is larger than 64 KiB: split it into several files",
            "runbook " + folder.resolve("latin.md") + " is not UTF-8: save it as UTF-8 text",
            "runbook "
                + folder.resolve("prose.md")
                + " is not Markdown with a heading: begin it with a line such as '# Link fades'",
            "runbook " + folder.resolve("sub.md") + " is no file: remove it, or rename it");
  }

  @Test
  void aFolderThatIsNoneIsOneLine(@TempDir Path folder) {
    Path none = folder.resolve("none");
    assertThat(with(none).subjects()).isEqualTo(Runbooks.bundled().subjects());
    assertThat(problems)
        .containsExactly("runbook folder " + none + " is no folder: give one with .md files in it");
  }

  @Test
  void moreFilesThanAllowedAreSaid(@TempDir Path folder) throws Exception {
    for (int i = 0; i < RunbookFolder.MOST_FILES + 1; i++) {
      Files.writeString(folder.resolve("f" + (1_000 + i) + ".md"), "# F\ntext");
    }
    assertThat(with(folder).subjects()).contains("f1000", "f1199").doesNotContain("f1200");
    assertThat(problems)
        .singleElement()
        .asString()
        .contains("has 201 .md files, the first 200 by name are read");
  }

  @Test
  void whatATerminalWouldObeyIsTakenOut(@TempDir Path folder) throws Exception {
    Files.writeString(
        folder.resolve("odd.md"), "# O\u001b[2Jdd\r\nred \u001b[31m, \u202eturned\u200b\r\n\tend");
    Runbook runbook = with(folder).about("odd").get(0);
    assertThat(runbook.markdown()).isEqualTo("# O[2Jdd\nred [31m, turned\n\tend");
  }
}
