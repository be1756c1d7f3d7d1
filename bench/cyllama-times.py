"""llama.cpp through its bindings for Python: reads one request a line (JSON), answers with its times. For bench/cyllama.ts."""

import json
import sys
import time

from cyllama.llama import llama_cpp as llama

model_file, threads, window = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
llama.disable_logging()
llama.ggml_backend_load_all()
of_model = llama.LlamaModelParams()
of_model.n_gpu_layers = 0
model = llama.LlamaModel(model_file, of_model, verbose=False)
params = llama.LlamaContextParams()
params.n_ctx = window
params.n_batch = params.n_ubatch = 512
params.n_threads = params.n_threads_batch = threads
params.no_perf = True
context = llama.LlamaContext(model, params, verbose=False)
vocabulary = model.get_vocab()
sampler = llama.LlamaSampler(llama.LlamaSamplerChainParams())
sampler.add_greedy()


def now() -> tuple[float, float]:
    return time.perf_counter() * 1000, time.process_time() * 1000


def decode(tokens: list[int], place: int) -> None:
    batch = llama.LlamaBatch(n_tokens=len(tokens), embd=0, n_seq_max=1)
    for i, token in enumerate(tokens):
        batch.add(token, place + i, [0], i == len(tokens) - 1)
    context.decode(batch)


print(json.dumps({"version": llama.ggml_version()}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    context.kv_cache_clear(False)
    start = now()
    tokens = vocabulary.tokenize(request["prompt"], add_special=False, parse_special=True)
    for at in range(0, len(tokens), 512):
        decode(tokens[at : at + 512], at)
    token = sampler.sample(context, -1)
    first = now()
    place, made, text = len(tokens), 1, [token]
    while made < request["maxTokens"] and not vocabulary.is_eog(token):
        decode([token], place)
        place += 1
        token = sampler.sample(context, -1)
        made += 1
        text.append(token)
    end = now()
    print(json.dumps({
        "input": len(tokens),
        "output": made,
        "promptMs": first[0] - start[0],
        "promptCpuMs": first[1] - start[1],
        "writeMs": end[0] - first[0],
        "writeCpuMs": end[1] - first[1],
        "text": "".join(vocabulary.token_to_piece(one, 0, False) for one in text[:12]),
    }), flush=True)
