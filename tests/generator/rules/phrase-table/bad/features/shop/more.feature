Feature: F

  Scenario: S
    Given these ask:
    When somebody asks
      | x |
      | 1 |
    Then it is answered
