"""scikit-learn: MLPClassifier, one epoch at a time by partial_fit so that each can be validated.

partial_fit draws the classifier's own initial weights, which hardly learn on raw pixels: they are
divided by 255. It shuffles the rows itself. Training accuracy is not measured, since MLPClassifier
offers none: slightly less work than the others do.
"""

from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier

import common


def train(options, data, layers, seeds):
    (x, y), (x_val, y_val) = data
    net = MLPClassifier(layers[1:-1], batch_size=options.batch, alpha=0, random_state=seeds[0],
                        early_stopping=False)
    classes = range(common.CLASSES)
    for _ in range(options.epochs):
        net.partial_fit(x, y, classes=classes)
        probabilities = net.predict_proba(x_val)
        val_loss = log_loss(y_val, probabilities, labels=classes)
        val_accuracy = (probabilities.argmax(axis=1) == y_val).mean()
        print(f"loss {net.loss_:.4f} val_loss {val_loss:.4f} val_accuracy {val_accuracy:.4f}")
    return [val_accuracy]


if __name__ == "__main__":
    common.run(train, convert=lambda pixels: common.as_floats(pixels) / 255)
