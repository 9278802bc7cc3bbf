import { expect, test } from "vitest";
import { keyNamed } from "./keys";

test("keys are known by their exact name only", () => {
  expect(keyNamed("tickTime")).toEqual({ kind: "whole number", fallback: "3000" });
  expect(keyNamed("ticktime")).toBeNull();
  expect(keyNamed("constructor")).toBeNull();
});
