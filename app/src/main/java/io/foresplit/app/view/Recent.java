package io.foresplit.app.view;

import java.util.LinkedHashMap;
import java.util.Map;

/** A map that forgets what was put first. Not thread-safe. */
final class Recent<K, V> extends LinkedHashMap<K, V> {
  private final int limit;

  Recent(int limit) {
    this.limit = limit;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > limit;
  }
}
