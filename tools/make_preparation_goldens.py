"""Makes tests/image/golden/preparation.txt: the network input that torchvision prepares from an image.

  python make_preparation_goldens.py > ../tests/image/golden/preparation.txt

Pixel (x, y, c) of the image is (17 + 5x + 3y + 50c) % 251, 37 x 23 pixels. Short side to 16, centre crop 13 wide and 10 high.
"""
import numpy as np
import torchvision.transforms as T
from PIL import Image

y, x, c = np.meshgrid(np.arange(23), np.arange(37), np.arange(3), indexing="ij")
image = Image.fromarray(((17 + 5 * x + 3 * y + 50 * c) % 251).astype(np.uint8))
prepare = T.Compose([T.Resize(16), T.CenterCrop((10, 13)), T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
for value in prepare(image).numpy().ravel():
    print(f"{value:.6f}")
