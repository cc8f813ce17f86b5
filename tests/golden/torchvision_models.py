"""The lab's ResNet-18 variants made from torchvision's."""
from torch import nn
from torchvision.models import resnet18


def build(variant):
    """"imagenet": torchvision's; "cifar": 3x3 stem, no pooling; "no-bn": biases instead of norms."""
    if variant == "no-bn":
        model = resnet18(num_classes=10, norm_layer=lambda channels: nn.Identity())
        for module in list(model.modules()):
            for name, child in list(module.named_children()):
                if isinstance(child, nn.Conv2d):
                    setattr(module, name, nn.Conv2d(
                        child.in_channels, child.out_channels, child.kernel_size,
                        child.stride, child.padding, bias=True))
        return model
    model = resnet18(num_classes=10)
    if variant == "cifar":
        model.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        model.maxpool = nn.Identity()
    return model
