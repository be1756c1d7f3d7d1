import type { ModelInfo } from "hearth";

/** A model file found on this machine. */
export interface LocalModel {
  /** As people would name it. */
  name: string;
  id: string;
  file: string;
  info: ModelInfo;
}

export async function findLocalModels(): Promise<LocalModel[]> {
  return [];
}
