"""The adapter file: what is written is read back. Needs numpy and gguf; skipped where they are missing."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
try:
    import gguf
    import numpy as np

    from pocket import adapter
except ImportError as error:
    raise unittest.SkipTest(f"{error.name} is not installed") from error


class Adapter(unittest.TestCase):
    def test_written_and_read(self) -> None:
        random = np.random.default_rng(1)
        a, b = (random.standard_normal(shape).astype(np.float16) for shape in ((4, 6), (8, 4)))
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "a.gguf"
            adapter.write(file, 4, [("blk.0.attn_q.weight", a, b)])
            read = adapter.read(file)["blk.0.attn_q.weight"]
            fields = gguf.GGUFReader(file).fields
        np.testing.assert_array_equal(read[0], a.astype(np.float32))
        np.testing.assert_array_equal(read[1], b.astype(np.float32))
        self.assertEqual(fields["adapter.type"].contents(), "lora")
        self.assertEqual(fields["adapter.lora.alpha"].contents(), 4.0)

    def test_a_wrong_rank_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(ValueError, "rank 5"):
            adapter.write(Path(folder) / "a.gguf", 5, [("w", np.zeros((4, 6)), np.zeros((8, 4)))])


if __name__ == "__main__":
    unittest.main()
