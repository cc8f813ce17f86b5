"""What PyTorch, torchattacks and umap-learn are timed on. Each task is made once and then called."""

import functools
import json
import pathlib
import tempfile
import warnings

import numpy as np
import torch
import torch.nn.functional as F
import torchvision
from torchvision.transforms import v2

EPSILON = 8 / 255
READY_BATCHES = 8  # held ready, so that no task includes loading but "loading" itself
FORMATS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
COMPILED = ", compiled"
ONNX = "ONNX Runtime"


class Inputs:
    """The files that both sides read: images [n, 32, 32, 3] bytes, labels, features [n, d]."""

    def __init__(self, directory: pathlib.Path):
        shapes = json.loads((directory / "shapes.json").read_text())
        self.images = np.fromfile(directory / "images.bin", np.uint8).reshape(-1, 32, 32, 3)
        self.labels = np.fromfile(directory / "labels.bin", np.uint8)
        features = np.fromfile(directory / "features.bin", np.float32)
        self.features = features.reshape(-1, shapes["featureSize"])
        self.evaluation_images = shapes["evaluationImages"]
        self.sweep = shapes["sweep"]
        self.checkpoint = directory / "model.safetensors"


def load_inputs(directory: str) -> Inputs:
    return Inputs(pathlib.Path(directory))


@functools.cache
def skipped() -> dict[str, str]:
    """Variants that cannot run here, with the reason."""
    reasons = {}
    try:
        torch.compile(lambda x: x * 2 + 1)(torch.ones(4))
    except Exception as error:
        reasons["torch.compile"] = reason(error)
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        reasons[ONNX] = reason(error)
    return reasons


def reason(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def layouts() -> list[str]:
    """Memory layouts, each as PyTorch runs it and compiled."""
    compiled = [] if "torch.compile" in skipped() else [name + COMPILED for name in FORMATS]
    return [*FORMATS, *compiled]


def inference() -> list[str]:
    return layouts() if ONNX in skipped() else [*layouts(), ONNX]


def memory_format(variant: str):
    return FORMATS.get(variant.removesuffix(COMPILED), torch.contiguous_format)


def resnet18(variant: str) -> torch.nn.Module:
    return torchvision.models.resnet18(num_classes=10).to(memory_format=memory_format(variant))


def compiled(model: torch.nn.Module, variant: str) -> torch.nn.Module:
    return torch.compile(model) if variant.endswith(COMPILED) else model


def pixels(images: np.ndarray, variant: str) -> torch.Tensor:
    maps = torch.from_numpy(images).permute(0, 3, 1, 2).float().div(255)
    return maps.contiguous(memory_format=memory_format(variant))


def batch_cycle(inputs: Inputs, layout: str, size: int):
    """Whole batches, one after another and again from the first."""
    count = min(READY_BATCHES, len(inputs.labels) // size)
    labels = torch.from_numpy(inputs.labels.astype(np.int64))
    ready = [
        (pixels(inputs.images[k * size : (k + 1) * size], layout), labels[k * size : (k + 1) * size])
        for k in range(count)
    ]
    while True:
        yield from ready


def attacked(layout: str) -> torch.nn.Module:
    """Eval mode, and no parameter gradients."""
    return compiled(resnet18(layout).eval().requires_grad_(False), layout)


def predictor(variant: str, batch_size: int):
    """A function from pixels to logits, without gradients."""
    if variant != ONNX:
        model = attacked(variant)

        def predict(x):
            with torch.inference_mode():
                return model(x)

        return predict
    import onnxruntime

    example = torch.zeros(batch_size, 3, 32, 32)
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/resnet18.onnx"
        batch = torch.export.Dim("batch", min=1, max=4096)
        torch.onnx.export(
            resnet18(variant).eval(), (example,), file, input_names=["x"], dynamic_shapes=({0: batch},),
            dynamo=True, external_data=False, verbose=False,
        )
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = torch.get_num_threads()
        session = onnxruntime.InferenceSession(file, settings, providers=["CPUExecutionProvider"])
    return lambda x: torch.from_numpy(session.run(None, {"x": x.numpy()})[0])


def input_gradient(model, x, y):
    x = x.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(F.cross_entropy(model(x), y, reduction="sum"), x)
    return gradient


def hand_written_fgsm(model, x, y):
    return (x + EPSILON * input_gradient(model, x, y).sign()).clamp(0, 1)


def hand_written_pgd(model, x, y, steps):
    step = 2.5 * EPSILON / steps
    low, high = (x - EPSILON).clamp(min=0), (x + EPSILON).clamp(max=1)
    point = torch.empty_like(x).uniform_(-EPSILON, EPSILON).add_(x).clamp_(0, 1)
    for _ in range(steps):
        point = point + step * input_gradient(model, point, y).sign()
        point = torch.max(torch.min(point, high), low)
    return point


def forward(inputs, layout, batchSize=128):
    predict, data = predictor(layout, batchSize), batch_cycle(inputs, layout, batchSize)
    return lambda: predict(next(data)[0]).numpy()


def training_step(optimizer):
    def task(inputs, layout, batchSize=128):
        model, data = resnet18(layout).train(), batch_cycle(inputs, layout, batchSize)
        step = step_of(compiled(model, layout), optimizer)
        return lambda: step(*next(data))

    return task


def step_of(model, optimizer):
    # The fused CPU kernels are the fastest of PyTorch's three implementations.
    if optimizer == "sgd":
        settings = dict(lr=0.01, momentum=0.9, weight_decay=5e-4, fused=True)
        updates = torch.optim.SGD(model.parameters(), **settings)
    else:
        updates = torch.optim.Adam(model.parameters(), lr=0.001, fused=True)

    def step(x, y):
        updates.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        updates.step()
        return loss.item()

    return step


def gradient(inputs, layout, batchSize=128):
    model, data = attacked(layout), batch_cycle(inputs, layout, batchSize)
    return lambda: input_gradient(model, *next(data))


def fgsm(inputs, layout, batchSize=128):
    model, data = attacked(layout), batch_cycle(inputs, layout, batchSize)
    return lambda: hand_written_fgsm(model, *next(data))


def pgd(inputs, layout, batchSize=128, steps=10):
    model, data = attacked(layout), batch_cycle(inputs, layout, batchSize)
    return lambda: hand_written_pgd(model, *next(data), steps)


def torchattacks_fgsm(inputs, layout, batchSize=128):
    import torchattacks

    attack = torchattacks.FGSM(resnet18(layout).eval(), eps=EPSILON)
    data = batch_cycle(inputs, layout, batchSize)
    return lambda: attack(*next(data))


def torchattacks_pgd(inputs, layout, batchSize=128, steps=10):
    import torchattacks

    settings = dict(eps=EPSILON, alpha=2.5 * EPSILON / steps, steps=steps, random_start=True)
    attack = torchattacks.PGD(resnet18(layout).eval(), **settings)
    data = batch_cycle(inputs, layout, batchSize)
    return lambda: attack(*next(data))


def sweep(attack_images):
    """Accuracy under FGSM and PGD at each budget, on the checkpoint that the other side trained."""

    def task(inputs, layout, batchSize=128):
        from safetensors.torch import load_file

        model = resnet18(layout)
        model.load_state_dict(load_file(inputs.checkpoint), strict=False)  # no num_batches_tracked
        model.eval()
        images, epsilons, steps = (inputs.sweep[key] for key in ("images", "epsilons", "steps"))
        labels = torch.from_numpy(inputs.labels[:images].astype(np.int64))

        def run():
            correct = 0
            for start in range(0, images, batchSize):
                x = pixels(inputs.images[start : min(start + batchSize, images)], layout)
                y = labels[start : start + len(x)]
                for fooling in attack_images(model, x, y, epsilons, steps):
                    with torch.inference_mode():
                        correct += (model(fooling).argmax(1) == y).sum().item()
            return correct

        return run

    return task


def torchattacks_images(model, x, y, epsilons, steps):
    import torchattacks

    for epsilon in epsilons:
        yield torchattacks.FGSM(model, eps=epsilon)(x, y)
        yield torchattacks.PGD(model, eps=epsilon, alpha=2.5 * epsilon / steps, steps=steps)(x, y)


def foolbox_images(model, x, y, epsilons, steps):
    import foolbox

    classifier = foolbox.PyTorchModel(model, bounds=(0, 1))
    pgd = foolbox.attacks.LinfPGD(rel_stepsize=2.5 / steps, steps=steps)
    for attack in (foolbox.attacks.LinfFastGradientAttack(), pgd):
        _, clipped, _ = attack(classifier, x, y, epsilons=epsilons)
        yield from clipped


def adversarial_step(inputs, layout, batchSize=128, steps=7):
    model, data = compiled(resnet18(layout), layout), batch_cycle(inputs, layout, batchSize)
    step = step_of(model, "sgd")

    def run():
        x, y = next(data)
        model.eval().requires_grad_(False)
        perturbed = hand_written_pgd(model, x, y, steps)
        model.train().requires_grad_(True)
        return step(perturbed, y)

    return run


class AugmentedImages(torch.utils.data.Dataset):
    """The usual way: one image at a time through torchvision's transforms."""

    def __init__(self, inputs: Inputs, variant: str):
        steps = [v2.RandomCrop(32, padding=4), v2.RandomHorizontalFlip()]
        steps += [v2.ColorJitter(brightness=0.1, contrast=0.15)]
        if variant == "PIL":
            to_image = torchvision.transforms.functional.to_pil_image
            steps += [v2.PILToTensor(), v2.ToDtype(torch.float32, scale=True)]
        else:
            to_image = lambda image: torch.from_numpy(image).permute(2, 0, 1)
            steps += [v2.ToDtype(torch.float32, scale=True)]
        self.images = [to_image(image) for image in inputs.images]
        self.labels, self.transform = inputs.labels.astype(np.int64), v2.Compose(steps)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return self.transform(self.images[index]), self.labels[index]


def loading(inputs, variant, batchSize=128):
    data = AugmentedImages(inputs, variant)
    loader = torch.utils.data.DataLoader(data, batchSize, shuffle=True, drop_last=True)

    def endless():
        while True:
            yield from loader

    ready = endless()
    return lambda: next(ready)


def evaluation(inputs, layout, batchSize=128):
    predict = predictor(layout, batchSize)
    images = inputs.images[: inputs.evaluation_images]
    labels = torch.from_numpy(inputs.labels[: len(images)].astype(np.int64))

    def run():
        loss = correct = 0.0
        with torch.inference_mode():
            for start in range(0, len(images), batchSize):
                y = labels[start : start + batchSize]
                logits = predict(pixels(images[start : start + batchSize], layout))
                loss += F.cross_entropy(logits, y, reduction="sum").item()
                correct += (logits.argmax(1) == y).sum().item()
        return loss / len(images), correct / len(images)

    return run


def umap_with(**settings):
    def task(inputs, _variant):
        import umap

        def run():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                settings_ = dict(n_neighbors=15, min_dist=0.1, **settings)
                return umap.UMAP(**settings_).fit_transform(inputs.features)

        return run

    return task


def matrix_product(_inputs, _variant, size=1024):
    a, b = torch.rand(size, size), torch.rand(size, size)

    def run():
        with torch.inference_mode():
            return a @ b

    return run


TASKS = {
    "matrixProduct": matrix_product,
    "forward": forward,
    "trainingStepSgd": training_step("sgd"),
    "trainingStepAdam": training_step("adam"),
    "inputGradient": gradient,
    "fgsm": fgsm,
    "torchattacksFgsm": torchattacks_fgsm,
    "pgd": pgd,
    "torchattacksPgd": torchattacks_pgd,
    "torchattacksSweep": sweep(torchattacks_images),
    "foolboxSweep": sweep(foolbox_images),
    "adversarialStep": adversarial_step,
    "loading": loading,
    "evaluation": evaluation,
    "umapSeeded": umap_with(random_state=0, n_jobs=1),
    "umapParallel": umap_with(),
}

INFERENCE = ["forward", "evaluation"]
EAGER_ONLY = ["torchattacksFgsm", "torchattacksPgd", "torchattacksSweep", "foolboxSweep"]
DEFAULT_ONLY = ["matrixProduct", "umapSeeded", "umapParallel"]


def variants(task: str) -> list[str]:
    """The ways in which a task can be run here."""
    if task in DEFAULT_ONLY:
        return ["default"]
    if task == "loading":
        return ["PIL", "tensor"]
    if task in EAGER_ONLY:
        return list(FORMATS)
    return inference() if task in INFERENCE else layouts()
