package io.foresplit.app.offline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ColumnNamesTest {
  private static final Path FILE = Path.of("shop.csv");
  private static final ColumnNames BY_RULE = new ColumnNames(Optional.empty(), Set.of());

  private static List<List<String>> split(ColumnNames names, String... columns)
      throws InputException {
    List<String> all = new ArrayList<>(List.of("time"));
    all.addAll(List.of(columns));
    List<List<String>> keys = names.split(all, 0, FILE);
    assertThat(keys.get(0)).isEmpty();
    return keys.subList(1, keys.size());
  }

  @Test
  void dashesBelongToComponentsAndMetrics() throws Exception {
    assertThat(
            split(
                BY_RULE,
                "carts_cpu",
                "front-end_latency-90",
                "catalogue-db_disk-io",
                "ip-10-0-0-1.internal_mem"))
        .containsExactly(
            List.of("carts", "cpu"),
            List.of("front-end", "latency-90"),
            List.of("catalogue-db", "disk-io"),
            List.of("ip-10-0-0-1.internal", "mem"));
  }

  @Test
  void metricsOfSeveralWordsAreTheSameForAllComponents() throws Exception {
    assertThat(
            split(
                BY_RULE,
                "carts_container_cpu_usage",
                "carts_container_memory_rss",
                "user_container_cpu_usage",
                "user_container_memory_rss",
                "orders_container_cpu_usage",
                "orders_container_memory_rss"))
        .startsWith(
            List.of("carts", "container_cpu_usage"), List.of("carts", "container_memory_rss"));
  }

  @Test
  void componentsOfSeveralWordsHaveTheMetricsOfAll() throws Exception {
    assertThat(
            split(
                BY_RULE,
                "Search_ECS::Fargate_latency",
                "Search_ECS::Fargate_requests",
                "Search_client_latency",
                "Search_client_requests",
                "Pay_ECS::Container_latency",
                "Pay_ECS::Container_requests"))
        .startsWith(
            List.of("Search_ECS::Fargate", "latency"), List.of("Search_ECS::Fargate", "requests"));
  }

  @Test
  void theCallGraphKnowsComponents() throws Exception {
    ColumnNames names = new ColumnNames(Optional.empty(), Set.of("carts", "carts_db", "user"));
    assertThat(split(names, "carts_db_disk_io", "carts_disk_io", "user_cpu", "mail_cpu"))
        .containsExactly(
            List.of("carts_db", "disk_io"),
            List.of("carts", "disk_io"),
            List.of("user", "cpu"),
            List.of("mail", "cpu"));
  }

  @Test
  void aPatternOverridesAllThat() throws Exception {
    ColumnNames names =
        new ColumnNames(
            Optional.of(ColumnNames.pattern("(?<metric>[a-z]+)[.](?<component>.+)")),
            Set.of("cpu"));
    assertThat(split(names, "cpu.front_end", "Unnamed: 0"))
        .containsExactly(List.of("front_end", "cpu"), List.of());
  }

  @Test
  void aNameOfOneWordIsAComponent() throws Exception {
    assertThat(split(BY_RULE, "carts", "_cpu", "mail_", ""))
        .containsExactly(
            List.of("carts", "value"),
            List.of("_cpu", "value"),
            List.of("mail_", "value"),
            List.of());
  }

  @Test
  void theSameColumnTwiceIsRefused() {
    assertThatThrownBy(() -> split(BY_RULE, "carts_cpu", "carts_cpu"))
        .isInstanceOf(InputException.class)
        .hasMessage("shop.csv, line 1: expected one column carts_cpu, there are 2");
  }

  @Test
  void patternsWithoutTheGroupsAreRefused() {
    assertThatThrownBy(() -> ColumnNames.pattern("(.+)_(.+)"))
        .hasMessageContaining("--columns: expected the groups (?<component>…) and (?<metric>…)");
    assertThatThrownBy(() -> ColumnNames.pattern("(?<component>"))
        .hasMessageContaining("--columns: expected a regular expression");
  }
}
