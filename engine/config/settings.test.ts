import { expect, test } from "vitest";
import { propertiesOf, settingsOf } from "./settings";

test("without properties every setting is ZooKeeper's default", () => {
  const settings = settingsOf({});
  expect(settings.snapCount).toBe(100_000);
  expect(settings.commitLogCount).toBe(500);
  expect(settings.leaderServes).toBe(true);
  expect(settings.superDigest).toBeNull();
});

test("flags of the command line are properties", () => {
  const settings = settingsOf(
    propertiesOf(["-Dzookeeper.snapCount=20", "-Dreadonlymode.enabled=true", "-Xmx1g"]),
  );
  expect(settings.snapCount).toBe(20);
  expect(settings.readOnlyModeEnabled).toBe(true);
});

test("snapCount is at least 2 and commitLogCount at least 500; a number that is none counts as missing", () => {
  expect(settingsOf({ "zookeeper.snapCount": "1" }).snapCount).toBe(2);
  expect(settingsOf({ "zookeeper.commitLogCount": "10" }).commitLogCount).toBe(500);
  expect(settingsOf({ "zookeeper.snapCount": "many" }).snapCount).toBe(100_000);
});
