"""The default reader: PP-OCRv6 models from RapidOCR's wheel, run on OpenVINO.

Detection runs on a reduced page (it needs shapes, not strokes); recognition reads crops cut from the full-
resolution page. No line is thrown away by its score: what is unsure stays, with its confidence.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from importlib import metadata
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from pipeline.model import Line
from pipeline.reading.engine import Recognition
from pipeline.reading.quads import clockwise, line_crop, quad_box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Image = NDArray[np.uint8]
    Floats = NDArray[np.float32]

__all__ = [
    "LineReader",
    "OpenVinoEngine",
    "classifier",
    "engine_name",
    "line_reader",
    "print_model",
    "shared_engine",
    "small_network",
]

DETECTION, RECOGNITION = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
DIRECTION = "ch_ppocr_mobile_v2.0_cls_mobile.onnx"

KERNELS_KEPT = 8_000  # of all shapes below; one more shape than are kept compiles again at every line, 5 to 20 ms each
DETECTION_KERNELS = 64  # pages come in few sizes, but in any
REC_HEIGHT = 48  # px, the height PP-OCR recognition was trained on
WIDTH_STEP = 16  # px
MAX_WIDTH = 3200  # px at height 48: longer crops are squeezed, a line of 200 characters still fits
WIDTH_GROWTH = 1.12  # from one width of the ladder to the next: 6 % of padding, 35 shapes of line
BATCH_PIXELS = 48 * 320 * 2  # work of one batch: narrow crops share a call, wide ones gain nothing by it
LATTICE_TOP = 6  # characters kept a time step
LATTICE_FLOOR = 1e-3  # below this a character is no candidate
FEW_QUADS = 12  # fewer tell nothing about the page's print
LINE_HEIGHT = 14.0  # px of a quad at which detection finds everything
SMALL_PRINT = 1.2  # times larger that a second look must be to be worth its time
LONGEST_DETECTION = 1920  # px
CLASSIFIER_ROWS = 8  # pictures by which a batch of the small classifier grows
CLS_HEIGHT, CLS_WIDTH = 48, 192  # px, what the line-direction model was trained on


class LineReader:
    """A recogniser of single lines, of PP-OCR's make: pictures 48 px high in, CTC probabilities out, a step each 8 px.

    One instance a process; not safe across threads.

    :param file: ONNX whose metadata hold the characters
    """

    def __init__(self, file: Path, *, threads: int = 1) -> None:
        import openvino as ov

        config = {
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
            "CPU_RUNTIME_CACHE_CAPACITY": str(KERNELS_KEPT),
            "INFERENCE_PRECISION_HINT": _precision(),
        }
        core = ov.Core()
        self._network: Any = core.compile_model(core.read_model(file), "CPU", config)
        self._characters = ["", *_characters(file), " "]

    @property
    def signs(self) -> tuple[str, ...]:
        """What it can read."""
        return tuple(sign for sign in self._characters if sign)

    def recognise(self, crops: Sequence[Image], *, lattice: bool = False) -> list[Recognition]:
        """Read crops that hold one line each (BGR), in the order given."""
        prepared = [_prepared(crop) for crop in crops]
        results: list[Recognition | None] = [None] * len(crops)
        for width, batch in _batches([p.shape[1] for p in prepared]):
            tensor = np.zeros((len(batch), 3, REC_HEIGHT, width), np.float32)
            for row, i in enumerate(batch):
                tensor[row, :, :, : prepared[i].shape[1]] = prepared[i].transpose(2, 0, 1) / np.float32(
                    127.5
                ) - np.float32(1)
            probabilities = self._network(tensor)[0]
            for row, i in enumerate(batch):
                results[i] = self._decoded(probabilities[row], prepared[i].shape[1] / width, lattice)
        return [r for r in results if r is not None]

    def _decoded(self, probabilities: Floats, share: float, lattice: bool) -> Recognition:
        steps = max(1, round(len(probabilities) * share))
        best = probabilities.argmax(axis=1)
        top = probabilities[np.arange(len(best)), best]
        text, centres, scores = [], [], []
        previous = 0
        for step, (index, score) in enumerate(zip(best, top, strict=True)):
            if index and index != previous:
                text.append(self._characters[index])
                centres.append(min(1.0, (step + 0.5) / steps))
                scores.append(float(score))
            previous = index
        return Recognition(
            text="".join(text),
            confidence=float(np.mean(scores)) if scores else 0.0,
            centres=tuple(round(c, 4) for c in centres),
            scores=tuple(round(s, 4) for s in scores),
            lattice=self._lattice(probabilities[:steps]) if lattice else (),
        )

    def _lattice(self, probabilities: Floats) -> tuple[tuple[tuple[str, float], ...], ...]:
        # 18 000 classes a step, of which hardly a dozen are likely at all: only those are sorted.
        flat = np.flatnonzero(probabilities >= LATTICE_FLOOR)  # many times quicker than of two axes
        steps, likely = np.divmod(flat, probabilities.shape[1])
        scores = probabilities[steps, likely]
        order = np.lexsort((-scores, steps))
        bounds = np.searchsorted(steps, np.arange(len(probabilities) + 1)).tolist()
        named = [(self._characters[likely[k]], round(float(scores[k]), 4)) for k in order]
        return tuple(tuple(named[a : min(b, a + LATTICE_TOP)]) for a, b in pairwise(bounds))


class OpenVinoEngine:
    """PP-OCRv6 small detection and recognition. One instance a process; not safe across threads."""

    def __init__(self, *, detection_side: int = 960, threads: int = 1) -> None:
        import openvino as ov
        from rapidocr.ch_ppocr_det.utils import DBPostProcess

        models = _models()
        core = ov.Core()
        config = {
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
            "CPU_RUNTIME_CACHE_CAPACITY": str(DETECTION_KERNELS),
            "INFERENCE_PRECISION_HINT": _precision(),
        }
        self._det: Any = core.compile_model(_ending_in_convolution(core.read_model(models / DETECTION)), "CPU", config)
        self._cls: Any = core.compile_model(core.read_model(models / DIRECTION), "CPU", config)
        self._lines = LineReader(print_model(), threads=threads)
        self._boxes = DBPostProcess(
            thresh=0.3, box_thresh=0.4, max_candidates=3000, unclip_ratio=1.6, use_dilation=True
        )
        self.detection_side = detection_side

    @property
    def name(self) -> str:
        return engine_name(self.detection_side)

    def lines(self, image: Image, quads: Sequence[Floats] | None = None) -> tuple[Line, ...]:
        """All text lines of an upright page; ``quads``: where they are, if that is known already (pixels)."""
        quads = self.detect(image) if quads is None else quads
        found = self.recognise([line_crop(image, quad) for quad in quads])
        height, width = image.shape[:2]
        lines = [
            Line(
                text=r.text,
                box=quad_box(quad, width, height),
                confidence=r.confidence,
                centres=r.centres,
                scores=r.scores,
                source="openvino",
            )
            for quad, r in zip(quads, found, strict=True)
            if r.text.strip()
        ]
        return tuple(sorted(lines, key=lambda line: (round(line.box.cy, 2), line.box.x0)))

    def recognise(self, crops: Sequence[Image], *, lattice: bool = False) -> list[Recognition]:
        return self._lines.recognise(crops, lattice=lattice)

    def detect(self, image: Image) -> list[Floats]:
        """Quads (4×2 pixels, clockwise from the top left) around all text, on a page in any orientation."""
        quads = self._detected(image, self.detection_side)
        if len(quads) < FEW_QUADS:
            return quads
        height = float(np.median([_short_side(quad) for quad in quads]))
        side = min(
            LONGEST_DETECTION, self.detection_side * LINE_HEIGHT / (height * self.detection_side / max(image.shape))
        )
        # Small print on a large sheet: looked at again, so large that lines have the height the model knows.
        return self._detected(image, round(side)) if side > SMALL_PRINT * self.detection_side else quads

    def _detected(self, image: Image, side: int) -> list[Floats]:
        height, width = image.shape[:2]
        ratio = min(1.0, side / max(height, width))
        size = (max(32, round(width * ratio / 32) * 32), max(32, round(height * ratio / 32) * 32))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        tensor = (small.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
        boxes, _ = self._boxes(self._det(tensor)[0], (height, width))
        return [clockwise(box.astype(np.float32)) for box in boxes]

    def upside_down(self, crops: Sequence[Image]) -> list[float]:
        """For each crop of one line the probability, 0 to 1, that it stands on its head."""
        if not crops:
            return []
        tensor = np.zeros((len(crops), 3, CLS_HEIGHT, CLS_WIDTH), np.float32)
        for row, crop in enumerate(crops):
            width = max(8, min(CLS_WIDTH, round(crop.shape[1] * CLS_HEIGHT / max(1, crop.shape[0]))))
            small = cv2.resize(crop, (width, CLS_HEIGHT), interpolation=cv2.INTER_AREA)
            tensor[row, :, :, :width] = (small.astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)
        return [float(p[1]) for p in self._cls(tensor)[0]]


def shared_engine(detection_side: int = 960, threads: int = 1) -> OpenVinoEngine:
    """The engine of this process; models load once."""
    return _engine(detection_side, threads)


@lru_cache(maxsize=2)
def _engine(detection_side: int, threads: int) -> OpenVinoEngine:
    return OpenVinoEngine(detection_side=detection_side, threads=threads)


@lru_cache(maxsize=4)
def engine_name(detection_side: int = 960) -> str:
    """Name, version and model hash of the engine, without loading it: who only asks what was read need not wait."""
    models = _models()
    digest = hashlib.sha256((models / DETECTION).read_bytes() + (models / RECOGNITION).read_bytes()).hexdigest()[:12]
    return f"openvino {metadata.version('openvino')} PP-OCRv6-small {digest} {_precision()} det{detection_side}"


@lru_cache(maxsize=4)
def small_network(file: Path, *, precise: bool = False) -> Callable[..., Any]:
    """A small network of the project's own, for one thread: called as OpenVINO's models are, one result an output.

    :param precise: f32 on every machine, where bf16 would blur what comes out
    """
    import openvino as ov

    core = ov.Core()
    config = {"INFERENCE_NUM_THREADS": 1, "PERFORMANCE_HINT": "LATENCY"}
    if precise:
        config["INFERENCE_PRECISION_HINT"] = "f32"
    model: Callable[..., Any] = core.compile_model(core.read_model(file), "CPU", config)
    return model


@lru_cache(maxsize=2)
def line_reader(file: Path) -> LineReader:
    """A recogniser of the project's own, loaded once a process."""
    return LineReader(file)


@lru_cache(maxsize=4)
def classifier(file: Path) -> tuple[str, Callable[[Floats], Floats]]:
    """A small network of the project's own: the signs it tells apart, and what gives their probabilities.

    :param file: ONNX with one input (N, 1, H, W), one output (N, signs) and the signs in its metadata
    """
    model = small_network(file, precise=True)  # bf16 would save a millisecond a seal and blur probabilities

    def probabilities(pictures: Floats) -> Floats:
        count = len(pictures)
        rows = math.ceil(count / CLASSIFIER_ROWS) * CLASSIFIER_ROWS  # few shapes: kernels are compiled for each
        padded = np.zeros((rows, *pictures.shape[1:]), np.float32)
        padded[:count] = pictures
        return np.asarray(model(padded)[0][:count], np.float32)

    return "".join(_characters(file)), probabilities


def print_model() -> Path:
    """The recogniser of print in RapidOCR's wheel."""
    return _models() / RECOGNITION


def _models() -> Path:
    """The folder of models in RapidOCR's wheel; to import it takes a second."""
    found = find_spec("rapidocr")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("rapidocr is not installed: run make setup")
    return Path(found.origin).parent / "models"


@lru_cache(maxsize=1)
def _precision() -> str:
    """bf16 halves the time where the processor has it; texts measured the same."""
    import openvino as ov

    return "bf16" if "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "f32"


def _ending_in_convolution(model: Any) -> Any:
    """The detector with a convolution by 1 behind it: OpenVINO keeps what follows the last one in slow f32."""
    import openvino as ov
    from openvino import opset13 as ops

    scores = model.get_results()[0].input_value(0)
    one = ops.constant(np.ones((1, 1, 1, 1), np.float32))
    same = ops.convolution(scores, one, [1, 1], [0, 0], [0, 0], [1, 1])
    return ov.Model([same.output(0)], model.get_parameters())


def _characters(model: Path) -> list[str]:
    """The character list that PP-OCR's ONNX files carry in their metadata."""
    import openvino as ov

    info: Any = ov.Core().read_model(model).get_rt_info()
    return str(info["framework"]["character"].astype(str)).splitlines()


def _prepared(crop: Image) -> Image:
    height, width = crop.shape[:2]
    if height < 1 or width < 1:
        return np.full((REC_HEIGHT, 8, 3), 255, np.uint8)
    target = max(8, min(MAX_WIDTH, round(width * REC_HEIGHT / height)))
    interpolation = cv2.INTER_AREA if height > REC_HEIGHT else cv2.INTER_LINEAR
    resized: Image = cv2.resize(crop, (target, REC_HEIGHT), interpolation=interpolation)
    return resized


def _ladder() -> tuple[int, ...]:
    """Widths that crops are padded to. Few, so that the kernels of each are compiled once and kept."""
    rungs = [3 * WIDTH_STEP]
    while rungs[-1] < MAX_WIDTH:
        wider = max(rungs[-1] + WIDTH_STEP, round(rungs[-1] * WIDTH_GROWTH / WIDTH_STEP) * WIDTH_STEP)
        rungs.append(min(MAX_WIDTH, wider))
    return tuple(rungs)


LADDER = _ladder()


def _batches(widths: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """Width of the tensor and indexes of its crops. Crops of one rung go together, in powers of two: few shapes."""
    rungs: dict[int, list[int]] = {}
    for i, width in enumerate(widths):
        rungs.setdefault(LADDER[bisect_left(LADDER, width)], []).append(i)
    for width, crops in rungs.items():
        most = max(1, BATCH_PIXELS // (REC_HEIGHT * width))
        while crops:
            size = 1 << (min(most, len(crops)).bit_length() - 1)
            yield width, crops[:size]
            crops = crops[size:]


def _short_side(quad: Floats) -> float:
    return float(min(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[3] - quad[0])))
