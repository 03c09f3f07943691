# with skimage
"""Filters, segmentation, transforms and measures of an image; in threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from skimage import color, draw, exposure, feature, filters, measure, morphology, segmentation, transform

image = np.zeros((60, 60))
image[draw.disk((20, 20), 12)] = 1
image[40:50, 30:55] = 0.5
image += np.random.RandomState(0).rand(60, 60) * 0.1


def work(turn):
    turned = np.rot90(image, turn)
    edges = feature.canny(turned, 2)
    labels = measure.label(turned > filters.threshold_otsu(turned))
    areas = sorted(int(region.area) for region in measure.regionprops(labels) if region.area > 20)
    return (filters.gaussian(turned, 2).sum().round(6), int(edges.sum()), areas,
            int(morphology.skeletonize(turned > 0.4).sum()),
            int(segmentation.watershed(-turned, labels, mask=turned > 0.3).max()))


with ThreadPoolExecutor(4) as pool:
    for result in pool.map(work, range(4)):
        print(result)
print(transform.resize(image, (10, 10)).sum().round(4), transform.rotate(image, 30).mean().round(6))
print(color.rgb2hsv(np.array([[[0.2, 0.4, 0.6]]])).round(4).tolist(), exposure.equalize_hist(image).mean().round(4))
print(feature.peak_local_max(filters.gaussian(image, 3), num_peaks=2).tolist(), measure.shannon_entropy(image > 0.3).round(5))
print(len(measure.find_contours(image, 0.3)), feature.graycomatrix((image * 3).astype("u1"), [1], [0]).max())
