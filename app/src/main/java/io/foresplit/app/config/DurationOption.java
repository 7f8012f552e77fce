package io.foresplit.app.config;

import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations on the command line are written as in the configuration. */
public final class DurationOption implements ITypeConverter<Duration> {
  @Override
  public Duration convert(String text) {
    return Settings.parseDuration(text)
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "expected a positive duration such as 500ms, 30s, 2m or 1h, was '"
                        + text
                        + "'"));
  }
}
