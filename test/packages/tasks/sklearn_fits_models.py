# with sklearn
"""Models, pipelines and searches with joblib's threads."""

import warnings

import joblib
import numpy as np
from sklearn.cluster import DBSCAN, KMeans
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris, make_classification
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import classification_report
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, export_text

warnings.simplefilter("ignore")
X, y = make_classification(300, 10, random_state=1)
iris = load_iris()
print(round(LogisticRegression().fit(X, y).score(X, y), 3), round(cross_val_score(Ridge(), X, y, cv=3).mean(), 4))
print(RandomForestClassifier(20, random_state=0, n_jobs=2).fit(X, y).score(X, y),
      round(GradientBoostingClassifier(n_estimators=10, random_state=0).fit(X, y).score(X, y), 4))
print(round(float(KMeans(3, random_state=0, n_init=2).fit(iris.data).inertia_), 3),
      np.bincount(DBSCAN(eps=0.6).fit(iris.data).labels_ + 1).tolist())
with joblib.parallel_backend("threading", n_jobs=3):
    search = GridSearchCV(make_pipeline(StandardScaler(), PCA(), SVC()), {"svc__C": [0.1, 1, 10], "pca__n_components": [2, 3]})
    search.fit(iris.data, iris.target)
print(search.best_params_, round(search.best_score_, 4))
print(export_text(DecisionTreeClassifier(max_depth=2, random_state=0).fit(iris.data, iris.target)))
print(classification_report(iris.target, KNeighborsClassifier(3).fit(iris.data, iris.target).predict(iris.data)))
words = TfidfVectorizer().fit_transform(["a good day", "a bad day", "good good"])
print(words.shape, words.toarray().round(3).tolist())
mixed = ColumnTransformer([("kind", OneHotEncoder(), [0]), ("number", StandardScaler(), [1])])
print(mixed.fit_transform(np.array([["a", 1], ["b", 2], ["a", 3]], dtype=object)).astype(float).round(3).tolist())
print(joblib.Parallel(2, prefer="threads")(joblib.delayed(pow)(k, 2) for k in range(10)), SVC(C=3))
try:
    LogisticRegression().predict(X)
except Exception as error:
    print(type(error).__name__)
