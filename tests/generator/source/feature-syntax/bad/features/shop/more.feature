Scenario: no feature
